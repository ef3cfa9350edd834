// Parts of configurations that pages show: each is valid once it has what a whole one needs beside it. Whole ones are
// held by configuration.test.ts, mappings by the tests of the mapping language.
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { inspectAgentConfig } from '../../src/agent/load.ts'
import { renderProblems } from '../../src/config/render.ts'
import { WorkDirectory } from '../e2e/agent-process.ts'
import { blocksOf } from './blocks.ts'

const names = z.union([z.string().transform((name) => [name]), z.array(z.string())])
const fragment = z.looseObject({
  receivers: z.record(z.string(), z.unknown()).optional(),
  sinks: z.record(z.string(), z.unknown()).optional(),
  routes: z.array(z.looseObject({ from: names.optional(), to: names.optional() })).optional(),
})

const parts = blocksOf('yaml').flatMap(({ name, text }) => {
  const value = fragment.nullable().parse(parse(text, { logLevel: 'error' }))
  if (value === null || (value.receivers !== undefined && value.sinks !== undefined)) return []
  return [{ name, text, value }]
})

test('there are some', () => {
  expect(parts.length).toBeGreaterThanOrEqual(5)
})

test.each(parts)('$name', async ({ text, value }) => {
  const { receivers, sinks, routes = [] } = value
  const listed = (key: 'from' | 'to', otherwise: string) => {
    const found = new Set(routes.flatMap((route) => route[key] ?? []))
    found.delete('affiant')
    return found.size > 0 ? [...found] : [otherwise]
  }
  const rest: Record<string, unknown> = {}
  if (receivers === undefined) {
    const entry = (name: string) => [name, { type: 'file', include: [`/var/log/${name}.log`] }]
    rest.receivers = Object.fromEntries(listed('from', 'app').map(entry))
  }
  if (sinks === undefined) {
    rest.sinks = Object.fromEntries(
      listed('to', 'out').map((name) => [name, { type: 'file', path: `/out/${name}` }]),
    )
  }
  using directory = new WorkDirectory()
  const files = [directory.write('1.yaml', text), directory.write('2.yaml', JSON.stringify(rest))]
  const { problems } = await inspectAgentConfig(files, { environment: false })
  expect(renderProblems(problems, { colors: false }).trim()).toBe('')
})

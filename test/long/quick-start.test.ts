// docs/quick-start.md, typed from top to bottom in three terminals.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blocksOf } from '../docs/blocks.ts'
import { Checkout } from '../e2e/checkout.ts'
import { until } from '../e2e/until.ts'
import { freePort } from '../free-port.ts'

const page = 'docs/quick-start.md'
/** npx takes a second to find what is in front of it; that it does is seen by the first ten minutes. */
const npx = `npx() { shift; '${process.execPath}' bin/affiant.js "$@"; }`
const here = (language: string) => blocksOf(language).filter((block) => block.page === page)

test('the quick start', { timeout: 120_000 }, async () => {
  using checkout = new Checkout()
  const port = await freePort()
  const local = (text: string) => text.replaceAll('8090', String(port))
  const type = (command: string) => checkout.type(`${npx}\n${command}`)
  const [install, endpoint, start, record, show, outage, ...more] = here('sh').map(({ text }) => local(text))
  expect(more).toEqual([])
  // The copy has what `npm ci` brings.
  expect(install).toBe('npm ci')
  const [config] = here('yaml')
  // The usual port of telemetry may be another test's.
  const elsewhere = `\ntelemetry: { listen: 127.0.0.1:0 }\n`
  writeFileSync(join(checkout.directory, 'first.yaml'), local(config!.text) + elsewhere)

  await using server = checkout.start(endpoint!)
  const [validate, run, ...rest] = start!.split('\n')
  expect(rest).toEqual([])
  const valid = await type(validate!)
  expect(valid.exitCode, valid.output).toBe(0)
  await using agent = checkout.start(`${npx}\n${run}`)
  const greeting = await agent.waitFor(/delivers .*\n/)
  const [shown] = here('text').map(({ text }) => local(text))
  const withoutTimes = (text: string) => text.replaceAll(/ready in [\d,]+ ms|listens .*/g, '').trim()
  expect(withoutTimes(greeting)).toContain(withoutTimes(shown!))

  await type(record!)
  const printed = await server.waitFor(/"action":"invoice\.approve".*\n/)
  const event = JSON.parse(printed.split('\n').find((line) => line.includes('invoice.approve'))!)
  expect(event).toMatchObject({
    actor: { id: 'u_42', type: 'user' },
    log: { seq: 2 },
    outcome: { result: 'success' },
    quality: { parse: 'ok' },
  })
  const traced = await type(show!)
  expect(traced.output).toMatch(/user: u_42 +→ +actor\.id: u_42/)

  await server[Symbol.asyncDispose]()
  const [line, status] = outage!.split('\n')
  await type(line!)
  await until('it tries again', async () => /hook +http +retrying/.test((await type(status!)).output))
  await using again = checkout.start(endpoint!)
  const late = await again.waitFor(/"action":"invoice\.read".*\n/)
  expect(late).toContain('"u_43"')
  expect(late).not.toContain('invoice.approve')
})

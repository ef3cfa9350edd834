// One receiver over files of every format: each is recognised, joined and mapped as what it is, by a worker thread.
import { gzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { loadAgentConfig } from '../../src/agent/load.ts'
import { traceEvent } from '../../src/agent/trace-event.ts'
import { readMapping } from '../../src/normalise/compile-spec.ts'
import { presetNames } from '../../src/normalise/presets.ts'
import { WorkDirectory } from './agent-process.ts'
import { byPreset, runOnce } from './run-once.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const recognisable = presetNames().flatMap((preset) => {
  const { detect, tests } = readMapping({ preset })
  const [first] = tests
  return detect.length === 0 || first === undefined
    ? []
    : [{ preset, input: first.input, count: first.expect.length }]
})

test('the first example of every preset, plain, compressed, and out of a container', async () => {
  using directory = new WorkDirectory()
  const cri = (text: string) =>
    text
      .split('\n')
      .map((line) => `2026-11-23T07:58:33.123456789Z stdout F ${line}\n`)
      .join('')
  for (const { preset, input } of recognisable) {
    directory.write(`${preset}.log`, `${input}\n`)
    directory.write(`packed/${preset}.gz`, gzipSync(`\n${input}\n`))
    directory.write(`containers/${preset}.log`, cri(input))
  }
  directory.write('app.log', '{"user":"u_1","event":"order.read"}\n')
  directory.write('text.log', 'nothing that anybody knows\n')
  const include = ['*.log', 'packed/*.gz', 'containers/*.log'].map((pattern) => directory.at(pattern))
  const { config, events, opened } = await runOnce(directory, {
    all: { type: 'file', preset: 'auto', container: 'auto', include },
  })
  const expected = recognisable.map(({ preset, count }) => [preset, 3 * count])
  expect(byPreset(events)).toEqual({ ...Object.fromEntries(expected), json: 1, plain: 1 })
  const told = opened.map(({ metadata }) => [metadata!.path, metadata!.preset, metadata!.recognised])
  expect(told).toContainEqual([directory.at('text.log'), 'plain', false])
  expect(told).toContainEqual([directory.at('containers', 'kubernetes.log'), 'kubernetes', true])

  // What `affiant show` says of a record of several lines.
  const stream = opened.find(({ metadata }) => metadata!.path === directory.at('auditd.log'))!.targets![0]!.id
  const joined = events.find(({ provenance }) => provenance.stream === stream)!
  const { raw, mapped } = await traceEvent((await loadAgentConfig([config])).config, joined.log.seq)
  expect(raw).toEqual({ path: directory.at('auditd.log'), offset: joined.provenance.offset })
  expect(mapped).toContainEqual(
    expect.objectContaining({ source: 'auid', target: 'actor.id', result: joined.actor.id }),
  )
})

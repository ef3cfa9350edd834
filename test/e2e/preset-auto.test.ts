// One receiver over files of every format: each is recognised, joined and mapped as what it is, by a worker thread.
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { loadAgentConfig } from '../../src/agent/load.ts'
import { traceEvent } from '../../src/agent/trace-event.ts'
import type { OutputEvent } from '../../src/event/audit-event.ts'
import { readMapping } from '../../src/normalise/compile-spec.ts'
import { presetNames } from '../../src/normalise/presets.ts'
import { filesOf, present, type SampleSystem, sampleSystems, samples } from '../normalise/sample-systems.ts'
import { AgentProcess, configure, WorkDirectory } from './agent-process.ts'
import { invalid } from './events.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const recognisable = presetNames().flatMap((preset) => {
  const { detect, tests } = readMapping({ preset })
  const [first] = tests
  return detect.length === 0 || first === undefined
    ? []
    : [{ preset, input: first.input, count: first.expect.length }]
})

async function run(directory: WorkDirectory, receivers: Readonly<Record<string, unknown>>) {
  const config = configure(directory, {
    agent: { id: 'node-1', data_dir: directory.at('data'), workers: 1 },
    receivers,
    sinks: { out: { type: 'file', path: directory.at('out.ndjson') } },
  })
  await using agent = new AgentProcess(['run', '--once', '-c', config])
  const result = await agent.result()
  expect(result, result.stderr).toMatchObject({ code: 0, signal: null })
  const all = readFileSync(directory.at('out.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): OutputEvent => JSON.parse(line))
  expect(all.map(invalid).filter((problem) => problem !== undefined)).toEqual([])
  const own = ({ action }: OutputEvent) => action.startsWith('affiant.')
  return {
    config,
    events: all.filter((event) => !own(event)),
    opened: all.filter(({ action }) => action === 'affiant.stream.opened'),
  }
}

/** How many events of each preset that was recognised. */
function byPreset(events: readonly OutputEvent[]): Record<string, number> {
  const groups = Map.groupBy(events, ({ provenance }) => provenance.preset ?? 'none')
  groups.delete('none')
  return Object.fromEntries([...groups].map(([preset, group]) => [preset, group.length]))
}

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
  const { config, events, opened } = await run(directory, {
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

test.skipIf(!present)('every sample, recognised and by name', async () => {
  using directory = new WorkDirectory()
  const whole = sampleSystems.filter(({ of }) => of === undefined)
  const expected: Record<string, number> = {}
  for (const system of whole) {
    for (const file of filesOf(system)) {
      // These begin as another one does: they may be its copies, and are held back for a while.
      if (/out_of_order|rollover/.test(file)) continue
      const text = readFileSync(join(samples, file), 'utf8')
      const uncounted = system.counted === false ? system.malformed!.lines(file, text).length : 0
      expected[system.preset] = (expected[system.preset] ?? 0) + system.records(text) + uncounted
      // A last line without an end is one that is being written.
      directory.write(`${system.name}/${basename(file)}`, `${text.trimEnd()}\n`)
    }
  }
  const under = (systems: readonly SampleSystem[]) => systems.map(({ name }) => directory.at(name, '*'))
  const documents = whole.filter(({ start }) => start !== undefined)
  const lines = whole.filter(({ start }) => start === undefined)
  const named = lines.filter(({ preset }) => preset === 'okta')
  const { events } = await run(directory, {
    all: { type: 'file', preset: 'auto', include: under(lines.filter((system) => !named.includes(system))) },
    documents: {
      type: 'file',
      preset: 'auto',
      multiline: { start: '^[\\[{]', timeout: '100ms' },
      include: under(documents),
    },
    named: { type: 'file', preset: 'okta', include: under(named) },
  })
  expect({
    ...byPreset(events),
    okta: events.filter(({ provenance }) => provenance.receiver === 'named').length,
  }).toEqual(expected)
})

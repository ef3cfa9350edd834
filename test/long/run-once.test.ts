// `run --once`: reads what is there, settles it, ends; the second run sends nothing twice. With everything that a
// configuration can say about the way in between.
import { appendFileSync, readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import type { OutputEvent } from '../../src/event/audit-event.ts'
import { AgentProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { eventsIn, invalid } from '../e2e/events.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const json = (value: unknown) => `${JSON.stringify(value)}\n`
const line = (n: number) => json({ user: `u_${n}`, event: n % 10 === 0 ? 'user.login' : 'invoice.read', n })
const linesOf = (count: number) => Array.from({ length: count }, (_, n) => line(n)).join('')
const actors = (events: readonly OutputEvent[]) =>
  events.map(({ actor }) => actor.id ?? '').toSorted((a, b) => (a < b ? -1 : 1))

async function runOnce(config: string | readonly string[], env: NodeJS.ProcessEnv = {}) {
  const paths = typeof config === 'string' ? [config] : config
  await using agent = new AgentProcess(['run', '--once', ...paths.flatMap((path) => ['-c', path])], { env })
  const result = await agent.result()
  expect(result, result.stderr).toMatchObject({ code: 0, signal: null })
  return result
}

describe.concurrent('run --once', () => {
  test('delivers what is there and ends; nothing is sent twice by the next run', async () => {
    using directory = new WorkDirectory()
    await using destination = await HttpDestination.open()
    const token = directory.write('token', 'secret-of-the-test\n')
    const config = configure(directory, {
      sinks: {
        hook: {
          type: 'http',
          url: destination.url,
          compression: 'gzip',
          format: 'json_array',
          auth: { bearer: `\${file:${token}}` },
        },
      },
    })
    directory.write('a.log', linesOf(3_000))
    expect((await runOnce(config)).stdout).toContain('3,000 lines read = committed = delivered')
    expect(destination.events).toHaveLength(3_000)
    for (const { headers } of destination.requests) {
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        authorization: 'Bearer secret-of-the-test',
        'idempotency-key': expect.any(String),
        'user-agent': expect.stringMatching(/^affiant\//),
      })
    }

    const before = destination.timesById.size
    expect((await runOnce(config)).stdout).toMatch(
      /recovered in .*no torn tail; 3,000 lines \+ 3 own events; resumed at byte/,
    )
    // What is new is about the run itself.
    expect(destination.events).toHaveLength(3_000)
    expect(destination.timesById.size).toBe(before + 2)

    appendFileSync(directory.at('a.log'), line(3_000))
    await runOnce(config)
    expect(destination.events).toHaveLength(3_001)
    expect([...destination.timesById.values()].every((times) => times === 1)).toBe(true)
    for (const { event } of destination.delivered) expect(invalid(event)).toBeUndefined()
  })

  test('the same events from worker threads as from the main thread', async () => {
    using directory = new WorkDirectory()
    directory.write('a.log', linesOf(5_000))
    directory.write('b.log', `no JSON\n${json({ user: 'Zoë \u2028', event: 'x' })}`)
    const inline: OutputEvent[] = []
    for (const workers of [0, 2]) {
      const config = configure(directory, {
        agent: { workers, data_dir: directory.at(`data-${workers}`) },
        sinks: { out: { type: 'file', path: directory.at(`out-${workers}.ndjson`) } },
      })
      await runOnce(config)
      const events = eventsIn(directory.at(`out-${workers}.ndjson`))
        // Seqs are given in the order of arrival, which differs between two files.
        .map(({ observed_time: _observed, log: _log, ...event }) =>
          event.time_source === 'observed' ? { ...event, time: '' } : event,
        )
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      expect(events).toHaveLength(5_002)
      if (workers === 0) inline.push(...(events as OutputEvent[]))
      else expect(events).toEqual(inline)
    }
  })

  test('a configuration in a directory, and in several files', async () => {
    using directory = new WorkDirectory()
    directory.write('a.log', linesOf(3))
    directory.write(
      'conf/1.yaml',
      `agent: { id: e2e, data_dir: "\${DATA}" }\nreceivers: { app: { type: file, include: ["${directory.at('*.log')}"] } }\n`,
    )
    directory.write(
      'conf/2.yaml',
      `sinks: { out: { type: file, path: "\${OUT:-${directory.at('default.ndjson')}}" } }\ntelemetry: { listen: "127.0.0.1:0" }\n`,
    )
    await runOnce(directory.at('conf'), { DATA: directory.at('data-1') })
    expect(eventsIn(directory.at('default.ndjson'))).toHaveLength(3)
    const both = ['conf/1.yaml', 'conf/2.yaml'].map((name) => directory.at(name))
    const { stdout } = await runOnce(both, { DATA: directory.at('data-2'), OUT: directory.at('two.ndjson') })
    expect(eventsIn(directory.at('two.ndjson'))).toHaveLength(3)
    expect(stdout).toContain(both.join(', '))
  })

  test('plain lines, and records that select skips', async () => {
    using directory = new WorkDirectory()
    directory.write('plain.txt', 'first line\nsecond line\n')
    directory.write('a.log', linesOf(100))
    const config = configure(directory, {
      receivers: {
        text: { type: 'file', include: [directory.at('*.txt')], preset: 'plain' },
        app: { type: 'file', include: [directory.at('*.log')], select: 'record.event == "user.login"' },
      },
    })
    const { stdout } = await runOnce(config)
    expect(stdout).toContain('102 lines read = committed = delivered')
    expect(stdout).toContain('90 skipped by select')
    const events = eventsIn(directory.at('out.ndjson'))
    expect(events.map(({ message }) => message).filter((text) => text !== undefined)).toEqual([
      'first line',
      'second line',
    ])
    expect(events.filter(({ action }) => action === 'user.login')).toHaveLength(10)
    expect(events).toHaveLength(12)
  })
})

test('routes: one event to several sinks, dropping by name is counted, own events always arrive', async () => {
  using directory = new WorkDirectory()
  const all = directory.at('all.ndjson')
  const logins = directory.at('logins.ndjson')
  const config = configure(directory, {
    receivers: { app: { type: 'file', include: [directory.at('*.log')] } },
    sinks: { all: { type: 'file', path: all }, logins: { type: 'file', path: logins } },
    routes: [
      { name: 'logins', when: 'category == "authentication"', to: 'logins', continue: true },
      { name: 'noise', when: 'actor.id == "u_1" || actor.id == "u_2"', drop: 'known to be noise' },
      { name: 'rest', to: ['all'] },
    ],
  })
  directory.write('a.log', linesOf(100))
  await using agent = startAgent(config)
  await agent.ready()
  await until('all events', () => eventsIn(all).length >= 98 && eventsIn(logins).length >= 10)
  expect(await agent.metric('affiant_route_dropped_total', '{route="noise"}')).toBe(2)
  expect(await agent.metric('affiant_receiver_records_total', '{receiver="app"}')).toBe(100)
  expect(await agent.metric('affiant_journal_events_total', '{receiver="app"}')).toBe(98)
  expect(await agent.metric('affiant_own_events_total', '{action="affiant.stream.opened"}')).toBe(1)
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })

  const tenth = Array.from({ length: 10 }, (_, n) => `u_${n * 10}`).toSorted((a, b) => (a < b ? -1 : 1))
  expect(actors(eventsIn(logins))).toEqual(tenth)
  expect(actors(eventsIn(all))).toHaveLength(98)
  expect(actors(eventsIn(all))).toEqual(expect.arrayContaining(tenth))
  expect(actors(eventsIn(all))).not.toContain('u_1')
  expect(readFileSync(all, 'utf8')).toContain('"action":"affiant.stream.opened"')
})

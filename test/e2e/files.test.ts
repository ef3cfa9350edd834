// `affiant files`: the same books from the agent, from its journal when none runs, and on the metrics page.
import { expect, test, vi } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from './agent-process.ts'
import { HttpDestination } from './http-destination.ts'
import { until } from './until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const line = (n: number) => `${JSON.stringify({ user: `u_${n}`, event: 'invoice.read', n })}\n`
const lines = (count: number) => Array.from({ length: count }, (_, n) => line(n)).join('')

const files = (config: string, ...args: string[]) => new AffiantProcess(['files', '-c', config, ...args])

/** The cells of each row behind the title's. */
const cells = (table: string) =>
  table
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split(/ {2,}/))

const figure = (bytes: number) => bytes.toLocaleString('en-US')

test('read, committed and settled are told apart, with an agent and without, and balance on the metrics page', async () => {
  using directory = new WorkDirectory()
  await using destination = await HttpDestination.open()
  destination.answer = 503
  const one = lines(100)
  const two = lines(2_000)
  directory.write('one.log', one)
  directory.write('two.log', two)
  const config = configure(directory, {
    sinks: {
      hook: { type: 'http', url: destination.url, retry: { initial: '20ms', max: '50ms' } },
      out: { type: 'file', path: directory.at('out.ndjson') },
    },
    routes: [{ name: 'all', to: ['hook', 'out'] }],
  })
  {
    await using agent = startAgent(config)
    await agent.ready()
    await until(
      'all is committed',
      async () => (await agent.metric('affiant_sink_unsettled_events', '{sink="out"}')) === 0,
    )
    await using waiting = files(config, '--sinks')
    const { code, stdout } = await waiting.result()
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]?.trim().split(/ {2,}/)).toEqual([
      'receiver',
      'file',
      'size',
      'read',
      'committed',
      'settled',
      'hook',
      'out',
      'lag',
      'state',
    ])
    const rows = [one, two].map((text, index) => {
      const size = figure(text.length)
      const path = directory.at(index === 0 ? 'one.log' : 'two.log')
      return ['app', path, size, size, size, '0', '0', size, size, 'followed']
    })
    expect(cells(stdout)).toEqual(rows)
    const unsettled = await agent.metric('affiant_sink_unsettled_events', '{sink="hook"}')
    expect(unsettled).toBeGreaterThanOrEqual(2_100)
    expect(await agent.metric('affiant_sink_routed_events_total', '{sink="hook"}')).toBe(unsettled)

    destination.answer = 204
    await until(
      'all is delivered',
      async () => (await agent.metric('affiant_sink_unsettled_events', '{sink="hook"}')) === 0,
    )
    await using settled = files(config, '--json')
    const report: {
      files: { path: string; lag: number; settled: number; counts: object; sinks: Record<string, object> }[]
      sinks: Record<string, { routed: number; accepted: number }>
      receivers: object
    } = JSON.parse((await settled.result()).stdout)
    expect(report.files.map(({ lag, counts }) => [lag, counts])).toEqual([
      [0, { records: 100, skipped: 0, dropped: 0, events: 100 }],
      [0, { records: 2_000, skipped: 0, dropped: 0, events: 2_000 }],
    ])
    // One more than its records: the event that says that the stream was opened.
    expect(report.files[1]?.sinks).toEqual({
      hook: { settled: two.length, routed: 2_001, accepted: 2_001, dead_letters: 0 },
      out: { settled: two.length, routed: 2_001, accepted: 2_001, dead_letters: 0 },
    })
    const labels = `{receiver="app",file="${directory.at('two.log')}",sink="hook"}`
    for (const [name, value] of [
      ['settled_bytes', two.length],
      ['routed_events', 2_001],
      ['accepted_events', 2_001],
      ['dead_letters', 0],
    ] as const) {
      expect(await agent.metric(`affiant_file_${name}`, labels)).toBe(value)
    }
    expect(report.sinks.hook).toMatchObject({ routed: unsettled, accepted: unsettled, unsettled: 0 })
    expect(report.receivers).toEqual({ app: { records: 2_100, skipped: 0, dropped: 0, events: 2_100 } })
    agent.signal('SIGTERM')
    expect((await agent.result()).code).toBe(0)
  }
  await using without = files(config)
  const { code, stdout, stderr } = await without.result()
  expect([code, stderr]).toEqual([0, expect.stringContaining('no agent runs')])
  const [first, second] = [one, two].map(({ length }) => figure(length))
  expect(cells(stdout)).toEqual([
    ['app', directory.at('one.log'), first, first, first, first, '0', 'followed'],
    ['app', directory.at('two.log'), second, second, second, second, '0', 'followed'],
  ])
})

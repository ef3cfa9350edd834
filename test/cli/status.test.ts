import { appendFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderStatus, type Status } from '../../src/cli/status-render.ts'
import { AffiantProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'

async function status(config: string, ...args: string[]) {
  await using command = new AffiantProcess(['status', '-c', config, ...args])
  return await command.result()
}

test('a running agent says how it does; without one it is said so', { timeout: 60_000 }, async () => {
  using directory = new WorkDirectory()
  const config = configure(directory)
  expect(await status(config)).toMatchObject({
    code: 69,
    stdout: '',
    stderr: expect.stringContaining('no agent runs on'),
  })
  await using agent = startAgent(config)
  await agent.ready()
  appendFileSync(directory.at('a.log'), '{"a":1}\n{"a":2}\n')
  let found: Status | undefined
  await until('both lines delivered', async () => {
    const { code, stdout } = await status(config, '--json')
    if (code !== 0) return false
    found = JSON.parse(stdout) as Status
    return found.receivers[0]?.records === 2 && found.sinks[0]?.lag_events === 0
  })
  expect(found).toMatchObject({
    agent: { id: 'e2e', pid: agent.child.pid },
    ready: true,
    receivers: [{ name: 'app', type: 'file', paused: false, records: 2, events: 2 }],
    journal: { first_seq: 0, pressure: null },
    sinks: [{ name: 'out', type: 'file', state: 'ok', in_flight: 0, dead_letters: 0, last_error: null }],
  })
  // No terminal: once, without control characters.
  const plain = await status(config)
  expect(plain.code).toBe(0)
  expect(plain.stdout).toMatch(/^agent e2e, .*: ready\njournal /)
  expect(plain.stdout).toMatch(/^out +file +ok /m)
  expect(plain.stdout).not.toContain('\u001b')
})

const answer = (uptime: number, delivered: number): Status => ({
  agent: { id: 'a', version: '1', pid: 7, uptime_seconds: uptime },
  ready: false,
  reasons: [{ component: 'sinks.hook', message: 'HTTP 401' }],
  receivers: [
    { name: 'app', type: 'file', paused: true, duplicates: 0, records: delivered, events: delivered },
  ],
  journal: {
    bytes: 512 * 1024 ** 2,
    max_bytes: 1024 ** 3,
    first_seq: 3,
    next_seq: 3,
    pressure: { reason: 'full', message: 'the journal is full' },
  },
  sinks: [
    {
      name: 'hook',
      type: 'http',
      state: 'held',
      lag_events: 12_000,
      oldest_unsettled_seconds: 61.26,
      in_flight: 2,
      limit: 4,
      delivered_events: delivered,
      dead_letters: 3,
      last_error: 'HTTP 401: \u001b[2Jno',
      endpoints: [
        { url: 'https://a.example', circuit: 'half_open', last_error: 'ECONNRESET' },
        { url: 'https://b.example', circuit: 'closed', last_error: null },
      ],
    },
  ],
})

test('rates are of the time between two answers of one process, and trouble is said below', () => {
  const text = renderStatus(answer(12, 4_000), answer(10, 1_000))
  expect(text).toBe(`agent a, version 1, process 7, up 12 s: not ready
  sinks.hook: HTTP 401
journal 512.0 MiB of 1024.0 MiB (50.0 %), no events, the next is 3
  the journal is full

receiver  type  records  records/s  events  duplicates  state
app       file    4,000      1,500   4,000           0  paused

sink  type  state  events/s     lag  oldest  in flight  dead letters
hook  http  held      1,500  12,000  61.3 s        2/4             3
  hook: HTTP 401:  [2Jno
  hook: https://a.example: circuit half open: ECONNRESET
`)
  const restarted = { ...answer(1, 5), agent: { ...answer(1, 5).agent, pid: 8 } }
  expect(renderStatus(restarted, answer(10, 1_000))).not.toContain('1,500')
  expect(renderStatus(answer(10, 1_000))).not.toMatch(/NaN|Infinity/)
})

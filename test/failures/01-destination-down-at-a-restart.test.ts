/** Elsewhere the offset advances while the destination is down, and a restart loses the rest. Here it follows commits. */
import { appendFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { range } from '../delivery/scripted-sink.ts'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'

const lines = (from: number, to: number) =>
  range(from, to)
    .map((n) => `${JSON.stringify({ ts: '2026-01-05T10:00:00Z', user: 'u', event: 'a.read', n })}\n`)
    .join('')

test('killed while the destination is down: every line is delivered, once', { timeout: 60_000 }, async () => {
  using directory = new WorkDirectory()
  await using destination = await HttpDestination.open()
  destination.answer = 503
  const log = directory.write('app.log', lines(0, 500))
  const config = configure(directory, {
    sinks: { hook: { type: 'http', url: destination.url, retry: { initial: '20ms', max: '100ms' } } },
  })
  {
    await using agent = startAgent(config)
    await until('the destination refused', () => destination.requests.length > 1)
    agent.signal('SIGKILL')
    await agent.ended
  }
  appendFileSync(log, lines(500, 1000))
  destination.answer = 204
  await using again = startAgent(config)
  await until(
    'all lines arrived',
    () => destination.events.length === 1000,
    () => [destination.events.length, again.stderr],
  )
  expect(
    destination.events.map(({ unmapped }) => unmapped?.n).toSorted((a, b) => Number(a) - Number(b)),
  ).toEqual(range(0, 1000))
})

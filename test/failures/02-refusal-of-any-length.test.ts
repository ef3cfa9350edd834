// Promise 4: a full journal means waiting, on disk and at the clients, and never loss; it passes by itself. And promise
// 8: nothing leaves before it is committed.
import { appendFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { openJournalForReading } from '../../src/journal/reading.ts'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { type Delivered, HttpDestination } from '../e2e/http-destination.ts'
import { until } from '../e2e/until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const maxSize = 2 * 1024 ** 2

function pressed(directory: WorkDirectory, url: string): string {
  return configure(directory, {
    agent: { drain: '500ms' },
    receivers: {
      app: { type: 'file', include: [directory.at('*.log')], poll: '50ms' },
      otlp: { type: 'otlp', http: { listen: '127.0.0.1:0' } },
    },
    journal: { max_size: '2MiB', segment_size: '64KiB', keep: '0ms' },
    sinks: { hook: { type: 'http', url, retry: { initial: '20ms', max: '200ms' } } },
  })
}

const lines = 12_000
const lineText = (n: number) =>
  `${JSON.stringify({ user: `u_${n}`, event: 'invoice.read', n, pad: 'p'.repeat(200) })}\n`

function writeLines(directory: WorkDirectory, from: number, to: number): void {
  let text = ''
  for (let n = from; n < to; n++) text += lineText(n)
  appendFileSync(directory.at('app.log'), text)
}

const request = (n: number) =>
  JSON.stringify({
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              {
                attributes: [
                  { key: 'audit.record.id', value: { stringValue: otlpId(n) } },
                  { key: 'pad', value: { stringValue: 'o'.repeat(20_000) } },
                ],
              },
            ],
          },
        ],
      },
    ],
  })
const otlpId = (n: number) => `8f3c0000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** The numbers of the lines that were accepted, ascending, each as often as it was. */
const numbers = (destination: HttpDestination) =>
  destination.events
    .flatMap(({ unmapped }) => (typeof unmapped?.n === 'number' ? [unmapped.n] : []))
    .toSorted((a, b) => a - b)

const allNumbers = Array.from({ length: lines }, (_, n) => n)

/** Every event that arrives is in the journal on disk, byte for byte, before it has been answered. */
async function committedBefore(dataDir: string, events: readonly Delivered[]): Promise<void> {
  const [first] = events
  const last = events.at(-1)
  if (first === undefined || last === undefined) return
  const journal = await openJournalForReading(dataDir)
  const stored = new Map<number, string>()
  await using reader = journal.read(first.event.log.seq)
  while (reader.position <= last.event.log.seq) {
    const block = await reader.next()
    if (block === null) break
    block.payload
      .toString()
      .split('\n')
      .forEach((line, at) => {
        stored.set(block.firstSeq + at, line)
      })
  }
  for (const { event, line } of events) {
    // What leaves is what is stored, with `log` and perhaps `raw_data` spliced in before the closing brace.
    const kept = stored.get(event.log.seq)
    if (kept === undefined || !line.startsWith(kept.slice(0, -1))) {
      throw new Error(`seq ${event.log.seq} left before it was committed`)
    }
  }
}

test('a dead destination stops the files and the clients, and all goes on when it is back', async () => {
  using directory = new WorkDirectory()
  await using destination = await HttpDestination.open()
  destination.inspect = (events) => committedBefore(directory.at('data'), events)
  destination.answer = 503
  await using agent = startAgent(pressed(directory, destination.url))
  await agent.ready()
  writeLines(directory, 0, lines)

  await until('the pressure', async () => (await agent.readiness()).status === 503)
  const { body } = await agent.readiness()
  expect(JSON.parse(body)).toMatchObject({
    ready: false,
    reasons: [
      {
        component: 'journal',
        message: expect.stringMatching(
          /^the journal is full \([\d.]+ MiB on disk, and one more segment does not fit below journal\.max_size 2\.0 MiB, of which 0\.5 MiB are kept for the agent's own events\) since \d{4}-.*Z: sink hook has settled only what is below seq \d+$/,
        ),
      },
    ],
  })
  const refused = await agent.postOtlp(request(0))
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(JSON.parse(refused.text)).toMatchObject({ code: 14, message: expect.stringContaining('sink hook') })

  // Bounded, and far from having read the file: what does not fit waits where it is.
  expect(await agent.metric('affiant_journal_bytes')).toBeLessThanOrEqual(maxSize)
  const read = (await agent.metric('affiant_receiver_records_total', '{receiver="app"}')) ?? 0
  expect(read).toBeLessThan(lines / 2)
  expect(destination.delivered).toEqual([])
  expect(await agent.metric('affiant_journal_pressure', '{reason="full"}')).toBe(1)
  expect((await fetch(`http://${agent.telemetry}/healthz`)).status).toBe(200)

  destination.answer = 204
  await until('all lines', () => destination.events.length >= lines && numbers(destination).length >= lines)
  // The last answers must have been heard too: until then the journal keeps their events, and has no room for others.
  await until(
    'settlement',
    async () => (await agent.metric('affiant_sink_lag_events', '{sink="hook"}')) === 0,
  )
  expect((await agent.readiness()).status).toBe(200)
  expect(await agent.postOtlp(request(0))).toMatchObject({ status: 200 })
  await until('the request', () => destination.timesById.has(otlpId(0)))
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })

  expect(numbers(destination)).toEqual(allNumbers)
  expect([...destination.timesById.values()].every((times) => times === 1)).toBe(true)
  expect(destination.faults).toEqual([])
})

test('kill -9 under pressure: every line once, every acknowledged request there', {
  timeout: 40_000,
}, async () => {
  using directory = new WorkDirectory()
  await using destination = await HttpDestination.open()
  destination.answer = 503
  const config = pressed(directory, destination.url)
  const acknowledged: string[] = []
  {
    await using agent = startAgent(config)
    await agent.ready()
    // A client that goes on until it hears no.
    for (let n = 0; ; n++) {
      const { status } = await agent.postOtlp(request(n))
      if (status === 200) acknowledged.push(otlpId(n))
      else break
      if (n === 20) writeLines(directory, 0, lines)
    }
    expect(await agent.readiness()).toMatchObject({ status: 503 })
    agent.signal('SIGKILL')
    expect(await agent.ended).toEqual({ code: null, signal: 'SIGKILL' })
  }
  expect(acknowledged.length).toBeGreaterThan(20)
  {
    // Still full after the restart; and whoever stops it is not kept waiting.
    await using agent = startAgent(config)
    await agent.ready()
    await until('the pressure', async () => (await agent.readiness()).status === 503)
    agent.signal('SIGTERM')
    expect(await agent.ended).toEqual({ code: 0, signal: null })
  }
  await using agent = startAgent(config)
  await agent.ready()
  destination.answer = 204
  await until('all lines', () => destination.events.length >= lines && numbers(destination).length >= lines)
  await until('all requests', () => acknowledged.every((id) => destination.timesById.has(id)))
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
  expect(numbers(destination)).toEqual(allNumbers)
  expect([...destination.timesById.values()].every((times) => times === 1)).toBe(true)
})

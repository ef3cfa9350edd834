/**
 * The books balance to the event: real journal, real loop, a destination that refuses some events for good and fails in
 * between. At every moment `routed = accepted + dead letters + unsettled`, and what the books call accepted is what the
 * destination has. Then a restart that finds events of the run before.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { filesOnDisk } from '../../src/agent/files-on-disk.ts'
import { Ledger } from '../../src/agent/ledger.ts'
import { systemClock } from '../../src/clock.ts'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import { createDelivery } from '../../src/delivery/loop.ts'

import { openJournalForReading } from '../../src/journal/reading.ts'
import type { NormalisedBatch } from '../../src/normalise/contract.ts'
import { encodeDescriptor } from '../../src/receivers/file/identity/descriptor.ts'
import { sinkMask } from '../../src/routing/table.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { batchOf, open, stream, temporaryDirectory } from '../journal/journal-directory.ts'
import { type HttpDestination, httpSink, openHttpDestination } from '../sinks/http/destination.ts'

/** Every third event goes to the sink that is looked at, and nothing to anybody else. */
const routes = [
  { name: 'kept', to: ['hook'], continue: false },
  { name: 'elsewhere', to: [], continue: false },
]
const isRouted = (n: number) => n % 3 === 0
const isBad = (n: number) => n % 99 === 0

/** Accepts batches without a bad event; fails in passing every fourth time. Says what it has. */
async function pickyDestination() {
  const destination = await openHttpDestination()
  const taken: number[] = []
  const watched = { look: () => {}, count: 0 }
  let request = 0
  destination.answer = async (incoming, response) => {
    watched.count++
    watched.look()
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
    const numbers = gunzipSync(Buffer.concat(chunks))
      .toString()
      .trim()
      .split('\n')
      .map((line): number => JSON.parse(line).n)
    if (++request % 4 === 0) return void response.writeHead(503).end()
    if (numbers.some(isBad)) return void response.writeHead(422).end('no such account')
    taken.push(...numbers)
    response.writeHead(200).end()
  }
  return { destination, taken, watched }
}

async function run(directory: string, { url }: Pick<HttpDestination, 'url'>) {
  const ledger = new Ledger({ routes, sinks: ['hook'] })
  const journal = await open(directory, {
    events: { block: (batch, update, firstSeq) => ledger.committed(batch, update, firstSeq) },
  })
  ledger.open(journal.durableSeq, journal.liveStreams())
  const cursor = await journal.cursor('hook', { start: 'earliest', required: true })
  const deadLetters = await openDeadLetters({ directory: join(directory, 'dlq', 'hook'), clock: systemClock })
  onTestFinished(() => deadLetters[Symbol.asyncDispose]())
  const delivery = createDelivery({
    sink: httpSink({ url, compression: 'gzip' }),
    journal,
    cursor,
    select: () => ({ mask: sinkMask(routes, 'hook'), overrides: undefined }),
    config: {
      batch: { max_bytes: 16 * 1024, max_events: 60, timeout: 50, linger: 5 },
      concurrency: { min: 3, max: 3 },
      retry: { initial: 2, max: 8 },
    },
    deadLetters,
    account: ledger.account('hook', cursor.settled),
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    metrics: createMetrics(),
  })
  return { ledger, journal, delivery }
}

const recordsOf = (numbers: readonly number[]): NormalisedBatch => {
  const batch = batchOf(numbers.map((n) => `{"action":"test.event","n":${n}}`))
  const routed = Uint32Array.from(numbers, (n) => (isRouted(n) ? 1 : 2))
  return {
    ...batch,
    routes: routed,
    records: numbers.length,
    skipped: 0,
    dropped: [],
    unparsed: 0,
    incomplete: 0,
    rejected: [],
  }
}

const descriptorOf = (n: number) =>
  encodeDescriptor({
    version: 1,
    receiver: 'app',
    path: `/nowhere/${n}.log`,
    device: '1',
    inode: String(n),
    head: { length: 0, sha256: '' },
  })

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

test('accepted, dead letters and unsettled add up to what was routed, at every moment and across a restart', async () => {
  await using directory = await temporaryDirectory()
  const { destination, taken, watched } = await pickyDestination()
  const offsets = [0, 0, 0]
  async function append(journal: Awaited<ReturnType<typeof run>>['journal'], from: number, to: number) {
    for (let first = from; first < to; first += 20) {
      const at = (first / 20) % 3
      offsets[at]! += 1_000
      const position = { offset: offsets[at]!, ranges: [] }
      const descriptor = offsets[at] === 1_000 ? { descriptor: descriptorOf(at) } : {}
      await journal.append(recordsOf(range(first, first + 20)), {
        stream: stream(at),
        position,
        ...descriptor,
      })
    }
  }
  let lettered = 0
  {
    const { ledger, journal, delivery } = await run(directory.path, destination)
    await using _ = journal
    await delivery.start()
    let looks = 0
    watched.look = () => {
      const { routed, accepted, deadLettered, unsettled, missed } = ledger.sink('hook')
      // What was answered a moment ago may not have been heard yet.
      expect(accepted).toBeLessThanOrEqual(taken.length)
      expect([accepted + deadLettered + unsettled, missed]).toEqual([routed, 0])
      expect(unsettled).toBeGreaterThan(0)
      looks++
    }
    await append(journal, 0, 3_000)
    expect(ledger.sink('hook').routed).toBe(1_000)
    await delivery.settledThrough(3_000, AbortSignal.timeout(20_000))
    expect(looks).toBe(watched.count)
    expect(looks).toBeGreaterThan(100)
    lettered = range(0, 3_000).filter((n) => isRouted(n) && isBad(n)).length
    expect(ledger.sink('hook')).toMatchObject({
      routed: 1_000,
      accepted: 1_000 - lettered,
      deadLettered: lettered,
      unsettled: 0,
    })
    const perStream = [0, 1, 2].map((at) => ledger.stream(stream(at))?.sinks.get('hook'))
    expect(perStream.map((each) => each?.settled)).toEqual(offsets)
    for (const each of perStream) expect(each?.routed).toBe(each!.accepted + each!.deadLettered)
    expect(perStream.reduce((sum, each) => sum + each!.deadLettered, 0)).toBe(lettered)
    // More, that the destination does not get before the stop.
    destination.answer = (_request, response) => void response.writeHead(503).end()
    await append(journal, 3_000, 3_600)
    await delivery.stop(0)
  }
  expect([...taken].sort((a, b) => a - b)).toEqual(range(0, 3_000).filter((n) => isRouted(n) && !isBad(n)))
  const letters = readdirSync(join(directory.path, 'dlq', 'hook')).flatMap((name) =>
    readFileSync(join(directory.path, 'dlq', 'hook', name), 'utf8')
      .trim()
      .split('\n'),
  )
  expect(letters).toHaveLength(lettered)

  // Without an agent: what the cursor says, by the blocks it has passed.
  const files = await filesOnDisk(await openJournalForReading(directory.path))
  expect(files.map(({ committed, settled, state }) => [committed, settled, state])).toEqual(
    offsets.map((offset) => [offset, offset - 10_000, 'rotated']),
  )

  await destination.close()
  const again = await pickyDestination()
  {
    const { ledger, journal, delivery } = await run(directory.path, again.destination)
    await using _ = journal
    expect(ledger.stream(stream(0))?.sinks.get('hook')?.settled).toBeNull()
    await delivery.start()
    await append(journal, 3_600, 3_900)
    await delivery.settledThrough(3_900, AbortSignal.timeout(20_000))
    // Counts begin anew; those of the run before count as they are taken up.
    const routed = range(3_000, 3_900).filter(isRouted)
    const bad = routed.filter(isBad).length
    expect(ledger.sink('hook')).toMatchObject({
      routed: routed.length,
      accepted: routed.length - bad,
      deadLettered: bad,
      unsettled: 0,
      missed: 0,
    })
    const perStream = offsets.map((_, at) => ledger.stream(stream(at))?.sinks.get('hook'))
    expect(perStream.map((each) => each?.settled)).toEqual(offsets)
    for (const each of perStream) expect(each?.routed).toBe(each!.accepted + each!.deadLettered)
    expect(perStream.reduce((sum, each) => sum + each!.routed, 0)).toBe(routed.length)
    expect(ledger.delivered(stream(0))).toBe(true)
    await delivery.stop(100)
  }
  expect(again.taken.length).toBe(range(3_000, 3_900).filter((n) => isRouted(n) && !isBad(n)).length)
  await again.destination.close()
})

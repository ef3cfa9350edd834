/** The real journal, the real loop, a real destination that fails now and then: nothing is lost, order of seqs holds. */
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import { createDelivery } from '../../src/delivery/loop.ts'
import type { Journal } from '../../src/journal/contract.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { range } from '../delivery/scripted-sink.ts'
import { batchOf, open, stream, temporaryDirectory } from '../journal/journal-directory.ts'
import { type HttpDestination, httpSink, openHttpDestination } from '../sinks/http/destination.ts'

async function deliver(journal: Journal, directory: string, { url }: HttpDestination) {
  const deadLetters = await openDeadLetters({ directory: join(directory, 'dlq', 'hook'), clock: systemClock })
  onTestFinished(() => deadLetters[Symbol.asyncDispose]())
  return createDelivery({
    sink: httpSink({ url, compression: 'gzip' }),
    journal,
    cursor: await journal.cursor('hook', { start: 'earliest', required: true }),
    select: () => ({ mask: Uint32Array.of(0xffff_ffff), overrides: undefined }),
    config: {
      batch: { max_bytes: 16 * 1024, max_events: 1000, timeout: 50, linger: 5 },
      concurrency: { min: 3, max: 3 },
      retry: { initial: 5, max: 20 },
    },
    deadLetters,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    metrics: createMetrics(),
  })
}

test('every committed event arrives, across faults, a stop and a restart of the agent', async () => {
  await using directory = await temporaryDirectory()
  const destination = await openHttpDestination()
  const healthy = destination.answer
  let request = 0
  destination.answer = async (incoming, response) => {
    request++
    if (request % 5 === 1) incoming.socket.resetAndDestroy()
    else if (request % 5 === 3) incoming.resume().on('end', () => response.writeHead(503).end())
    else await healthy(incoming, response)
  }
  const append = async (journal: Journal, from: number, to: number) => {
    for (let first = from; first < to; first += 100) {
      const texts = range(first, first + 100).map((n) => `{"action":"test.event","n":${n}}`)
      await journal.append(batchOf(texts), { stream: stream(1) })
    }
  }
  for (const [from, to] of [
    [0, 3000],
    [3000, 5000],
  ] as const) {
    await using journal = await open(directory.path)
    const delivery = await deliver(journal, directory.path, destination)
    await delivery.start()
    await append(journal, from, to)
    if (to === 5000) await delivery.settledThrough(to, AbortSignal.timeout(15_000))
    // The first time in the middle of it.
    else await delivery.settledThrough(1000, AbortSignal.timeout(15_000))
    await delivery.stop(1000)
  }
  await destination.close()
  const received = destination.lines().map((line) => JSON.parse(line) as { n: number; log: { seq: number } })
  expect(received.filter(({ n, log }) => n !== log.seq)).toEqual([])
  const numbers = new Set(received.map(({ n }) => n))
  expect(range(0, 5000).filter((n) => !numbers.has(n))).toEqual([])
})

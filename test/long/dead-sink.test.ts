/**
 * One sink of two is dead for an hour while millions of events come: the other must not notice, memory must not grow,
 * and afterwards everything must arrive.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDeadLetters } from '../../src/delivery/dead-letters.ts'
import { createDelivery } from '../../src/delivery/loop.ts'
import type { CommittedBlock, Journal, JournalReader } from '../../src/journal/contract.ts'
import type { DeliveryBatch, Outcome, Sink } from '../../src/sinks/sink.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { blockOf, event, MemoryCursor, origin } from '../delivery/memory-journal.ts'
import { range } from '../delivery/scripted-sink.ts'
import { VirtualClock } from '../delivery/virtual-clock.ts'

const seconds = 3_600
const perSecond = 2_800

/** A journal of any length in the memory of one block: each second's block has the same bytes and its own seqs. */
class EndlessJournal implements Pick<Journal, 'origin' | 'durableSeq' | 'read'> {
  readonly origin = origin
  durableSeq = 0
  readonly #block = blockOf(
    0,
    range(0, perSecond).map((n) => event(n)),
  )
  readonly #waiting = new Set<() => void>()

  append(): void {
    this.durableSeq += perSecond
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  read(seq: number): JournalReader {
    let position = seq
    const has = () => position < this.durableSeq
    const next = (): CommittedBlock => {
      const firstSeq = position - (position % perSecond)
      position = firstSeq + perSecond
      return { ...this.#block, firstSeq }
    }
    const waiting = this.#waiting
    return {
      get position() {
        return position
      },
      next: async () => (has() ? next() : null),
      release() {},
      async waitForMore(signal) {
        signal.throwIfAborted()
        if (has()) return
        await new Promise<void>((resolve, reject) => {
          waiting.add(resolve)
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        })
      },
      async [Symbol.asyncDispose]() {},
    }
  }
}

test(`a sink that is dead for ${seconds} s, ${seconds * perSecond} events behind, costs the other nothing`, {
  timeout: 900_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-dead-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const clock = new VirtualClock()
  const journal = new EndlessJournal()
  let dead = true
  const open = async (name: string, answer: (batch: DeliveryBatch) => Outcome) => {
    const cursor = new MemoryCursor()
    const sink: Sink = {
      name,
      type: 'test',
      target: name,
      start: async () => {},
      deliver: async (batch) => answer(batch),
      stop: async () => {},
    }
    const deadLetters = await openDeadLetters({ directory: join(directory, 'dlq', name), clock })
    const delivery = createDelivery({
      sink,
      journal,
      cursor,
      select: () => ({ mask: Uint32Array.of(1), overrides: undefined }),
      config: {
        batch: { max_bytes: 1024 ** 2, max_events: 10_000, timeout: 50, linger: 5 },
        concurrency: { min: 1, max: 16 },
        retry: { initial: 500, max: 30_000 },
      },
      deadLetters,
      clock,
      random: () => 0.5,
      log: silentLog,
      metrics: createMetrics(),
    })
    onTestFinished(async () => {
      await delivery.stop(0)
      await deadLetters[Symbol.asyncDispose]()
    })
    await delivery.start()
    return { cursor, delivery }
  }
  let arrived = 0
  const well = await open('well', () => ({ kind: 'accepted' }))
  const sick = await open('sick', ({ count }) => {
    if (dead) return { kind: 'later', reason: 'connect ECONNREFUSED' }
    arrived += count
    return { kind: 'accepted' }
  })

  let memory = 0
  const used = () => {
    const { heapUsed, external, arrayBuffers } = process.memoryUsage()
    return (heapUsed + external + arrayBuffers) / 1024 ** 2
  }
  for (let second = 1; second <= seconds; second++) {
    journal.append()
    const target = journal.durableSeq
    let over = false
    void clock.sleep(1000).then(() => {
      over = true
    })
    // Within its second, well below the two that are allowed.
    await clock.runUntil(() => well.cursor.settled === target || over)
    expect(well.cursor.settled).toBe(target)
    await clock.runUntil(() => over)
    if (second === Math.floor(seconds / 4)) memory = used()
  }
  expect(sick.cursor.settled).toBe(0)
  expect(sick.delivery.status()).toMatchObject({ state: 'retrying', lag: seconds * perSecond })
  expect(well.delivery.status()).toMatchObject({ state: 'ok', lag: 0 })
  // Three quarters of it came after the first measurement.
  expect(used() - memory).toBeLessThan(60)

  dead = false
  await clock.runUntil(() => sick.cursor.settled === journal.durableSeq)
  expect(arrived).toBe(seconds * perSecond)
})

/** A sink whose destination is a function, and what is needed to run a delivery to it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import type { DeliveryNotice } from '../../src/delivery/condition.ts'
import type { DeliveryConfig } from '../../src/delivery/config.ts'
import type { Plans } from '../../src/delivery/consignment.ts'
import { type DeadLetters, openDeadLetters } from '../../src/delivery/dead-letters.ts'
import type { Delivery, DeliveryOptions } from '../../src/delivery/delivery.ts'
import { createDelivery } from '../../src/delivery/loop.ts'
import type { DeliveryBatch, Outcome, Partitioner, Sink } from '../../src/sinks/sink.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import { MemoryCursor, MemoryJournal } from './memory-journal.ts'
import { VirtualClock } from './virtual-clock.ts'

export type Destination = (batch: DeliveryBatch, signal: AbortSignal) => Outcome | Promise<Outcome>

export const accepted: Outcome = { kind: 'accepted' }

/** A destination that keeps the seqs it accepted. */
class ScriptedSink implements Sink {
  readonly name = 'test'
  readonly type = 'scripted'
  readonly target = 'test'
  readonly accepted: number[] = []
  readonly attempts: {
    readonly key: string
    readonly first: number
    readonly last: number
    readonly at: number
  }[] = []
  partition?: Partitioner
  plans?: 'cut'
  inFlight = 0
  mostInFlight = 0
  stopped = false
  readonly #clock: Clock
  #answer: Destination

  constructor(answer: Destination, clock: Clock) {
    this.#answer = answer
    this.#clock = clock
  }

  become(answer: Destination): void {
    this.#answer = answer
  }

  async start(): Promise<void> {}

  async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<Outcome> {
    this.attempts.push({ key: batch.key, first: batch.firstSeq, last: batch.lastSeq, at: this.#clock.now() })
    this.inFlight++
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    try {
      const outcome = await this.#answer(batch, signal)
      const taken = outcome.kind === 'accepted' ? batch.count : (outcome.taken ?? 0)
      this.accepted.push(...batch.seqs.subarray(0, taken))
      return outcome
    } finally {
      this.inFlight--
    }
  }

  async stop(): Promise<void> {
    this.stopped = true
  }
}

export interface Setup {
  readonly journal: MemoryJournal
  readonly cursor: MemoryCursor
  readonly clock: VirtualClock
  readonly sink: ScriptedSink
  readonly metrics: Metrics
  readonly notices: DeliveryNotice[]
  readonly dlq: string
  readonly deadLetters: DeadLetters
  readonly delivery: Delivery
}

export interface SetupOptions {
  readonly journal?: MemoryJournal
  readonly cursor?: MemoryCursor
  readonly config?: {
    readonly batch?: Partial<DeliveryConfig['batch']>
    readonly concurrency?: number
    readonly longestWait?: number
  }
  readonly select?: DeliveryOptions['select']
  readonly partition?: Partitioner
  readonly plans?: Plans
  readonly withhold?: DeliveryOptions['withhold']
  readonly maxDeadLetterBytes?: number
  readonly notify?: (notice: DeliveryNotice) => void
}

/** A delivery on a virtual clock, ended with its test. */
export async function setUp(answer: Destination, options: SetupOptions = {}): Promise<Setup> {
  const clock = new VirtualClock()
  const sink = new ScriptedSink(answer, clock)
  if (options.partition) sink.partition = options.partition
  const journal = options.journal ?? new MemoryJournal()
  const cursor = options.cursor ?? new MemoryCursor()
  const metrics = createMetrics()
  const notices: DeliveryNotice[] = []
  const directory = await mkdtemp(join(tmpdir(), 'affiant-delivery-'))
  const dlq = join(directory, 'dlq', 'test')
  const maxBytes = options.maxDeadLetterBytes
  const deadLetters = await openDeadLetters({
    directory: dlq,
    clock,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  })
  const delivery = createDelivery({
    sink,
    journal,
    cursor,
    select: options.select ?? (() => ({ mask: Uint32Array.of(1), overrides: undefined })),
    config: {
      batch: { max_bytes: 1024 ** 2, max_events: 100, timeout: 50, linger: 5, ...options.config?.batch },
      concurrency: { min: options.config?.concurrency ?? 4, max: options.config?.concurrency ?? 4 },
      retry: { initial: 500, max: options.config?.longestWait ?? 30_000 },
    },
    deadLetters,
    ...(options.plans && { plans: options.plans }),
    withhold: options.withhold,
    clock,
    random: () => 0.5,
    log: silentLog,
    metrics,
    notify: (notice) => {
      notices.push(notice)
      options.notify?.(notice)
    },
  })
  onTestFinished(async () => {
    await delivery.stop(0)
    await deadLetters[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })
  return { journal, cursor, clock, sink, metrics, notices, dlq, deadLetters, delivery }
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

/**
 * The loop that every sink shares: read from the cursor, take the events routed here, cut batches, send with
 * bounded concurrency, settle. Invariants:
 * - the cursor is the end of the contiguous settled prefix: a failed batch is never stepped over;
 * - what is in memory is bounded by the batches under way and those that are filled, however long the destination is
 *   away;
 * - nothing here ends an attempt for good: an outage of days is many attempts.
 */

import { BufferPool } from '../buffer-pool.ts'
import type { Clock } from '../clock.ts'
import { asError } from '../errors.ts'
import type { Cursor, Journal } from '../journal/contract.ts'
import type { EndpointStatus, Outcome, Sink } from '../sinks/sink.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Account } from './account.ts'
import { BatchSize } from './batch-size.ts'
import { Batcher } from './batcher.ts'
import { Bell } from './bell.ts'
import { AdaptiveConcurrency } from './concurrency.ts'
import { Condition, type DeliveryNotice, type SinkState } from './condition.ts'
import type { DeliveryConfig } from './config.ts'
import type { Plans, SenderOptions } from './consignment.ts'
import type { DeadLetters } from './dead-letters.ts'
import { Evidence } from './evidence.ts'
import type { OpenBatch } from './open-batch.ts'
import { Partitions } from './partitions.ts'
import { PlannedCuts } from './planned-cut.ts'
import { settleBatch } from './sender.ts'
import { SettledPrefix } from './settle.ts'
import { Source, type SourceOptions } from './source.ts'

export interface DeliveryOptions {
  readonly sink: Sink
  readonly journal: Pick<Journal, 'origin' | 'durableSeq' | 'read'>
  readonly cursor: Cursor
  readonly select: SourceOptions['select']
  readonly config: Pick<DeliveryConfig, 'batch' | 'concurrency' | 'retry'>
  /** Where batches are fixed before their first attempt; absent for sinks that have no plans. */
  readonly plans?: Plans
  readonly deadLetters: DeadLetters
  readonly clock: Clock
  /** `[0, 1)`. */
  readonly random: () => number
  readonly log: Log
  readonly metrics: Metrics
  readonly notify?: (notice: DeliveryNotice) => void
  /** Keeps the books. */
  readonly account?: Account
  /**
   * Only size cuts batches, never time, and none is sent unfinished at the stop: the same events are always cut alike. The
   * journal must end.
   */
  readonly whole?: boolean
}

interface DeliveryStatus {
  readonly name: string
  readonly state: SinkState
  /** Everything below is settled. */
  readonly settled: number
  /** Committed events that are not. */
  readonly lag: number
  /** 0 when nothing is unsettled. */
  readonly oldestUnsettledSeconds: number
  readonly lastError: string | undefined
  /** Batches under way, and how many may be. */
  readonly inFlight: number
  readonly limit: number
  /** Accepted since the start. */
  readonly deliveredEvents: number
  readonly endpoints: readonly EndpointStatus[]
}

export interface Delivery {
  /** Starts the sink, then the loop; rejects as the sink does. */
  start(): Promise<void>
  /**
   * Takes nothing new, sends what is cut, waits for answers for up to `milliseconds`, then stops the sink. What is
   * unsettled then comes again after the next start. Idempotent.
   */
  stop(milliseconds: number): Promise<void>
  status(): DeliveryStatus
  /** Resolves once everything below `seq` is settled; rejects with the signal's reason. */
  settledThrough(seq: number, signal: AbortSignal): Promise<void>
}

export function createDelivery(options: DeliveryOptions): Delivery {
  return new DeliveryLoop(options)
}

/** Why a timer ended that nobody waits for: without a reason of our own each would cost a stack trace. */
const over = Symbol('over')

class DeliveryLoop implements Delivery {
  readonly #options: DeliveryOptions
  readonly #prefix: SettledPrefix
  readonly #batcher: Batcher
  readonly #condition: Condition
  readonly #sender: SenderOptions
  readonly #source: Source
  readonly #concurrency: AdaptiveConcurrency
  readonly #evidence = new Evidence()
  readonly #bell = new Bell()
  readonly #patience = new AbortController()
  readonly #sending = new AbortController()
  /** Tasks, and the partitions of their batches. */
  readonly #inFlight = new Map<Promise<void>, string>()
  readonly #waiters = new Set<{ readonly seq: number; readonly done: () => void }>()
  #running: Promise<void> = Promise.resolve()
  #stopped: Promise<void> | undefined

  constructor(options: DeliveryOptions) {
    const { sink, journal, cursor, config, deadLetters, clock, random, log, metrics } = options
    const notify = options.notify ?? (() => undefined)
    this.#options = options
    this.#prefix = new SettledPrefix(cursor.settled)
    const { max_bytes: maxBytes, max_events: maxEvents } = config.batch
    // A little over the limit: a buffer that grew by one event to get there is worth keeping.
    const pool = new BufferPool(config.concurrency.max + 1, maxBytes * 2)
    this.#concurrency = new AdaptiveConcurrency(config.concurrency)
    const { account, plans } = options
    const size = new BatchSize(maxBytes)
    // What the destination thinks of sizes is not the same each time.
    const sizeOfCuts = options.whole ? new BatchSize(maxBytes) : size
    this.#batcher = new Batcher(cursor.settled, {
      origin: journal.origin,
      limits: { maxBytes, maxEvents },
      size: sizeOfCuts,
      pool,
      prefix: this.#prefix,
      partition: sink.partition,
      planned: plans && new PlannedCuts(plans.found),
      passed: (events) => account?.accepted(events),
      repeated: (stream, more) => account?.repeated(stream, more),
    })
    this.#condition = new Condition(sink.name, log, metrics, notify)
    const shared = { retry: config.retry, condition: this.#condition, clock, random, log, notify }
    const patience = this.#patience.signal
    this.#source = new Source(cursor.settled, {
      ...shared,
      sink: sink.name,
      journal,
      select: options.select,
      signal: patience,
    })
    this.#sender = {
      ...shared,
      sink,
      deadLetters,
      metrics,
      pool,
      evidence: this.#evidence,
      partitions: new Partitions(),
      size,
      ordered: config.concurrency.max === 1,
      account,
      plans,
      attempted: (outcome, begun) => this.#attempted(outcome, begun),
      stuck: () => {
        const { ready, oldest } = this.#batcher
        return !this.#hasSlot(ready ?? oldest) && this.#condition.heldCount >= this.#inFlight.size
      },
      waiting: this.#bell.ring,
      sending: this.#sending.signal,
      patience,
    }
  }

  async start(): Promise<void> {
    await this.#options.sink.start()
    this.#running = this.#run()
  }

  stop(milliseconds: number): Promise<void> {
    this.#stopped ??= this.#stop(milliseconds)
    return this.#stopped
  }

  status(): DeliveryStatus {
    const { sink, journal, clock, metrics } = this.#options
    const { settled, since } = this.#prefix
    const lag = Math.max(0, journal.durableSeq - settled)
    const oldest = lag === 0 ? undefined : since
    const oldestUnsettledSeconds = oldest === undefined ? 0 : Math.max(0, (clock.now() - oldest) / 1000)
    metrics.sinkLagEvents.set({ sink: sink.name }, lag)
    metrics.sinkOldestSeconds.set({ sink: sink.name }, oldestUnsettledSeconds)
    const { state, lastError } = this.#condition
    return {
      name: sink.name,
      state,
      settled,
      lag,
      oldestUnsettledSeconds,
      lastError,
      inFlight: this.#inFlight.size,
      limit: this.#concurrency.limit,
      deliveredEvents: this.#evidence.acceptedEvents,
      endpoints: sink.endpoints?.() ?? [],
    }
  }

  async settledThrough(seq: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#prefix.settled >= seq) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { seq, done: resolve }
    const abort = () => reject(signal.reason)
    this.#waiters.add(waiter)
    // What is being filled is not waited for any longer.
    this.#bell.ring()
    signal.addEventListener('abort', abort, { once: true })
    try {
      await promise
    } finally {
      this.#waiters.delete(waiter)
      signal.removeEventListener('abort', abort)
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#patience
    while (!signal.aborted) {
      // One batch beyond those under way, a probe included, is filled while they are answered.
      if (this.#inFlight.size <= this.#concurrency.limit) await this.#fill()
      if (signal.aborted) return
      const due = this.#due()
      if (due !== undefined && this.#hasSlot(due)) this.#dispatch(due)
      else await this.#rest()
    }
  }

  /** Reads until a batch is full or the journal has no more. */
  async #fill(): Promise<void> {
    const batcher = this.#batcher
    const { clock, account } = this.#options
    const { signal } = this.#patience
    while (batcher.ready === undefined && !signal.aborted) {
      if (!batcher.hasSource) {
        if (this.#source.caughtUp) return
        const next = await this.#source.next(batcher.position)
        if (next === null) return
        const selected = batcher.offer(next.block, next.mask, next.overrides)
        account?.taken(next.block, selected)
      }
      batcher.fill(clock.monotonic())
      if (this.#prefix.advance(batcher.position)) this.#moved()
    }
  }

  /** `next`: what would go. */
  #hasSlot(next: OpenBatch | undefined): boolean {
    const { limit, max } = this.#concurrency
    const { size } = this.#inFlight
    if (size < limit) return true
    // When all that is under way is held, one more is let through: if the destination takes it, the fault is with
    // what is held, not with the configuration.
    const { heldCount, doubtCount } = this.#condition
    if (size > max || heldCount < size) return false
    // Where order is kept, nothing overtakes what will be taken once a configuration is right; a few events that are in
    // doubt themselves may be passed, and so may other partitions.
    return max > 1 || doubtCount === size || (next !== undefined && !this.#isUnderWay(next.partition))
  }

  #isUnderWay(partition: string): boolean {
    return this.#inFlight.values().some((one) => one === partition)
  }

  /** The batch that goes next, if one is to go now. */
  #due(): OpenBatch | undefined {
    const { ready, oldest } = this.#batcher
    if (ready !== undefined) return ready
    return oldest !== undefined && this.#remaining(oldest) <= 0 ? oldest : undefined
  }

  /** Milliseconds until an open batch is sent though it is not full. */
  #remaining({ begun }: OpenBatch): number {
    const { config, whole = false } = this.#options
    // Somebody waits for it: the agent stops, or is to read once.
    if (this.#source.caughtUp && (whole || this.#waiters.size > 0)) return 0
    if (whole) return Number.POSITIVE_INFINITY
    const { timeout, linger } = config.batch
    const patience = this.#inFlight.size === 0 ? Math.min(linger, timeout) : timeout
    return begun + patience - this.#options.clock.monotonic()
  }

  #dispatch(open: OpenBatch): void {
    const cut = this.#batcher.cut(open)
    const { range } = cut
    const task = settleBatch(cut, this.#sender)
      .then((settled) => {
        if (settled && this.#prefix.settle(range)) this.#moved()
      })
      .catch((thrown: unknown) => {
        // Nothing in there throws but by a defect; the range stays unsettled, so nothing is lost or passed over.
        const { message, stack } = asError(thrown)
        this.#options.log.fatal({ stack }, `defect in the delivery to ${this.#options.sink.name}: ${message}`)
        this.#condition.trouble(range, 'held', `defect in the delivery: ${message}`)
      })
      .finally(() => {
        this.#inFlight.delete(task)
        this.#bell.ring()
      })
    this.#inFlight.set(task, open.partition)
  }

  #attempted(outcome: Outcome, begun: number): void {
    const busy = this.#inFlight.size >= this.#concurrency.limit
    this.#concurrency.note(outcome, begun, this.#options.clock.monotonic(), busy)
  }

  /** The settled prefix grew. */
  #moved(): void {
    const { settled } = this.#prefix
    this.#options.cursor.settle(settled)
    this.#options.account?.settled(settled)
    for (const waiter of this.#waiters) if (settled >= waiter.seq) waiter.done()
  }

  /** Until there is more to read, an answer, or the open batch has waited long enough. */
  async #rest(): Promise<void> {
    this.#source.watch(this.#bell.ring)
    const timer = new AbortController()
    const { oldest } = this.#batcher
    const remaining = oldest === undefined ? Number.POSITIVE_INFINITY : this.#remaining(oldest)
    if (oldest !== undefined && Number.isFinite(remaining) && this.#hasSlot(oldest)) {
      this.#options.clock.sleep(Math.max(0, remaining), timer.signal).then(this.#bell.ring, () => undefined)
    }
    await this.#bell.wait()
    timer.abort(over)
  }

  async #stop(milliseconds: number): Promise<void> {
    const { clock, sink, whole = false } = this.#options
    this.#condition.stopping()
    this.#patience.abort()
    this.#bell.ring()
    await this.#running
    for (let { oldest } = this.#batcher; oldest !== undefined; oldest = this.#batcher.oldest) {
      if (whole || this.#inFlight.size >= this.#concurrency.limit) break
      this.#dispatch(oldest)
    }
    const timer = new AbortController()
    const deadline = clock.sleep(milliseconds, timer.signal).catch(() => undefined)
    await Promise.race([Promise.all(this.#inFlight.keys()), deadline])
    timer.abort()
    this.#sending.abort()
    await Promise.all(this.#inFlight.keys())
    await this.#source.close()
    await sink.stop()
    this.#condition.stopped()
  }
}

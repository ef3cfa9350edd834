/**
 * The loop that every sink shares: read from the cursor, take the events routed here, cut batches, send with
 * bounded concurrency, settle. Invariants:
 * - the cursor is the end of the contiguous settled prefix: a failed batch is never stepped over;
 * - what is in memory is bounded by the batches under way and those that are filled, however long the destination is
 *   away;
 * - nothing here ends an attempt for good: an outage of days is many attempts.
 */

import { BufferPool } from '../buffer-pool.ts'
import { asError } from '../errors.ts'
import { BatchSize } from './batch-size.ts'
import { Bell } from './bell.ts'
import { Condition } from './condition.ts'
import type { SenderOptions } from './consignment.ts'
import type { Delivery, DeliveryOptions } from './delivery.ts'
import { Evidence } from './evidence.ts'
import type { OpenBatch } from './open-batch.ts'
import { Partitions } from './partitions.ts'
import type { Remainder } from './remainder.ts'
import { settleBatch } from './sender.ts'
import { SettledPrefix } from './settle.ts'
import { SettledWaiters } from './settled-waiters.ts'
import { Slots } from './slots.ts'
import { type DeliveryStatus, statusOf } from './status.ts'
import { Supply } from './supply.ts'
import type { Unsettled } from './unsettled.ts'

export function createDelivery(options: DeliveryOptions): Delivery {
  return new DeliveryLoop(options)
}

/** Why a timer ended that nobody waits for: without a reason of our own each would cost a stack trace. */
const over = Symbol('over')

class DeliveryLoop implements Delivery {
  readonly #options: DeliveryOptions
  readonly #prefix: SettledPrefix
  readonly #condition: Condition
  readonly #sender: SenderOptions
  readonly #slots: Slots
  readonly #supply: Supply
  readonly #evidence = new Evidence()
  readonly #bell = new Bell()
  readonly #patience = new AbortController()
  readonly #sending = new AbortController()
  readonly #waiters = new SettledWaiters()
  /** Of batches that were cut and are not settled. */
  readonly #underWay = new Set<Remainder>()
  #running: Promise<void> = Promise.resolve()
  #stopped: Promise<void> | undefined

  constructor(options: DeliveryOptions) {
    const { sink, cursor, config, clock, log, metrics } = options
    const notify = options.notify ?? (() => undefined)
    this.#options = options
    this.#prefix = new SettledPrefix(cursor.settled)
    this.#condition = new Condition(sink.name, log, metrics, notify)
    this.#slots = new Slots(config.concurrency, this.#condition)
    const { max_bytes: maxBytes } = config.batch
    // A little over the limit: a buffer that grew by one event to get there is worth keeping.
    const pool = new BufferPool(config.concurrency.max + 1, maxBytes * 2)
    const size = new BatchSize(maxBytes)
    const shared = { ...options, notify, pool, size, condition: this.#condition }
    const patience = this.#patience.signal
    this.#supply = new Supply({
      ...shared,
      prefix: this.#prefix,
      idle: () => this.#slots.taken === 0,
      awaited: () => !this.#waiters.empty,
      moved: () => this.#moved(),
      signal: patience,
    })
    this.#sender = {
      ...shared,
      retry: config.retry,
      evidence: this.#evidence,
      partitions: new Partitions(),
      ordered: config.concurrency.max === 1,
      attempted: (outcome, begun) => this.#slots.attempted(outcome, begun, clock.monotonic()),
      stuck: () => this.#slots.areStuck(this.#supply.next),
      waiting: this.#bell.ring,
      sending: this.#sending.signal,
      patience,
    }
  }

  async start(): Promise<void> {
    const { sink, journal, cursor } = this.#options
    await sink.start()
    await sink.resume?.({ origin: journal.origin, from: cursor.settled })
    this.#running = this.#run()
  }

  stop(milliseconds: number): Promise<void> {
    this.#stopped ??= this.#stop(milliseconds)
    return this.#stopped
  }

  status(): DeliveryStatus {
    return statusOf({
      ...this.#options,
      prefix: this.#prefix,
      condition: this.#condition,
      slots: this.#slots,
      evidence: this.#evidence,
    })
  }

  unsettled(): Unsettled {
    return this.#supply.unsettled(this.#underWay)
  }

  async settledThrough(seq: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#prefix.settled >= seq) return
    const settled = this.#waiters.wait(seq, signal)
    // What is being filled is not waited for any longer.
    this.#bell.ring()
    await settled
  }

  async #run(): Promise<void> {
    const { signal } = this.#patience
    while (!signal.aborted) {
      // One batch beyond those under way, a probe included, is filled while they are answered.
      if (this.#slots.taken <= this.#slots.limit) await this.#supply.fill()
      if (signal.aborted) return
      const { due } = this.#supply
      if (due !== undefined && this.#slots.admit(due)) this.#dispatch(due)
      else await this.#rest()
    }
  }

  #dispatch(open: OpenBatch): void {
    const cut = this.#supply.cut(open)
    const { range, remainder } = cut
    this.#underWay.add(remainder)
    const task = settleBatch(cut, this.#sender)
      .then((settled) => {
        if (!settled) return
        this.#underWay.delete(remainder)
        if (this.#prefix.settle(range)) this.#moved()
      })
      .catch((thrown: unknown) => {
        // Nothing in there throws but by a defect; the range stays unsettled, so nothing is lost or passed over.
        const { message, stack } = asError(thrown)
        this.#options.log.fatal({ stack }, `defect in the delivery to ${this.#options.sink.name}: ${message}`)
        this.#condition.trouble(range, 'held', `defect in the delivery: ${message}`)
      })
      .finally(() => {
        this.#slots.release(task)
        this.#bell.ring()
      })
    this.#slots.take(task, open.partition)
  }

  /** The settled prefix grew. */
  #moved(): void {
    const { settled } = this.#prefix
    this.#options.cursor.settle(settled)
    this.#options.account?.settled(settled)
    this.#waiters.moved(settled)
  }

  /** Until there is more to read, an answer, or the open batch has waited long enough. */
  async #rest(): Promise<void> {
    this.#supply.watch(this.#bell.ring)
    const timer = new AbortController()
    const { oldest } = this.#supply
    const remaining = oldest === undefined ? Number.POSITIVE_INFINITY : this.#supply.remaining(oldest)
    if (oldest !== undefined && Number.isFinite(remaining) && this.#slots.admit(oldest)) {
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
    for (let { oldest } = this.#supply; oldest !== undefined; oldest = this.#supply.oldest) {
      if (whole || this.#slots.taken >= this.#slots.limit) break
      this.#dispatch(oldest)
    }
    const timer = new AbortController()
    const deadline = clock.sleep(milliseconds, timer.signal).catch(() => undefined)
    await Promise.race([this.#slots.ended(), deadline])
    timer.abort()
    this.#sending.abort()
    await this.#slots.ended()
    await this.#supply.close()
    await sink.stop()
    this.#condition.stopped()
  }
}

/** A sink's batches as they come from the journal: filled ahead, and due once they are full or have waited long enough. */
import type { BufferPool } from '../buffer-pool.ts'
import { BatchSize } from './batch-size.ts'
import { Batcher } from './batcher.ts'
import type { Condition, DeliveryNotice } from './condition.ts'
import type { DeliveryOptions } from './delivery.ts'
import type { CutBatch, OpenBatch } from './open-batch.ts'
import { PlannedCuts } from './planned-cut.ts'
import type { Remainder } from './remainder.ts'
import type { SettledPrefix } from './settle.ts'
import { Source } from './source.ts'
import { Unsettled } from './unsettled.ts'

interface SupplyOptions extends Omit<DeliveryOptions, 'deadLetters' | 'metrics'> {
  readonly notify: (notice: DeliveryNotice) => void
  readonly pool: BufferPool
  /** What the destination bears. */
  readonly size: BatchSize
  readonly prefix: SettledPrefix
  readonly condition: Condition
  /** Nothing is under way. */
  readonly idle: () => boolean
  /** Somebody waits for what has been read to be settled. */
  readonly awaited: () => boolean
  /** The settled prefix grew. */
  readonly moved: () => void
  readonly signal: AbortSignal
}

export class Supply {
  readonly #options: SupplyOptions
  readonly #source: Source
  readonly #batcher: Batcher

  constructor(options: SupplyOptions) {
    const { sink, journal, cursor, config, account, plans, prefix, pool, withhold } = options
    this.#options = options
    const { max_bytes: maxBytes, max_events: maxEvents } = config.batch
    this.#source = new Source(cursor.settled, { ...options, sink: sink.name, retry: config.retry })
    this.#batcher = new Batcher(cursor.settled, {
      origin: journal.origin,
      limits: { maxBytes, maxEvents },
      // What the destination thinks of sizes is not the same each time.
      size: options.whole ? new BatchSize(maxBytes) : options.size,
      pool,
      prefix,
      partition: sink.partition,
      withhold,
      planned: plans && new PlannedCuts(plans.found),
      passed: (events) => account?.accepted(events),
      repeated: (stream, more) => account?.repeated(stream, more),
    })
  }

  /** The batch that was begun first. */
  get oldest(): OpenBatch | undefined {
    return this.#batcher.oldest
  }

  /** The batch that goes next, now or later. */
  get next(): OpenBatch | undefined {
    return this.#batcher.ready ?? this.#batcher.oldest
  }

  /** The batch that goes next, if one is to go now. */
  get due(): OpenBatch | undefined {
    const { ready, oldest } = this.#batcher
    if (ready !== undefined) return ready
    return oldest !== undefined && this.remaining(oldest) <= 0 ? oldest : undefined
  }

  /** Milliseconds until an open batch is sent though it is not full. */
  remaining({ begun }: OpenBatch): number {
    const { config, clock, whole = false, idle, awaited } = this.#options
    // Somebody waits for it: the agent stops, or is to read once.
    if (this.#source.caughtUp && (whole || awaited())) return 0
    if (whole) return Number.POSITIVE_INFINITY
    const { timeout, linger } = config.batch
    const patience = idle() ? Math.min(linger, timeout) : timeout
    return begun + patience - clock.monotonic()
  }

  /** Reads until a batch is full or the journal has no more. */
  async fill(): Promise<void> {
    const batcher = this.#batcher
    const { clock, account, prefix, moved, signal } = this.#options
    while (batcher.ready === undefined && !signal.aborted) {
      if (!batcher.hasSource) {
        if (this.#source.caughtUp) return
        const next = await this.#source.next(batcher.position)
        if (next === null) return
        const selected = batcher.offer(next.block, next.mask, next.overrides)
        account?.taken(next.block, selected)
      }
      batcher.fill(clock.monotonic())
      if (prefix.advance(batcher.position)) moved()
    }
  }

  cut(open: OpenBatch): CutBatch {
    return this.#batcher.cut(open)
  }

  /** `underWay`: what is left of batches that were cut. */
  unsettled(underWay: Iterable<Remainder>): Unsettled {
    const { prefix } = this.#options
    const left = Array.from(underWay, ({ seqs }) => seqs)
    return new Unsettled(prefix.settled, this.#batcher.position, [...left, ...this.#batcher.openSeqs])
  }

  /** Calls `ready` once there is more to read; once for any number of calls before. */
  watch(ready: () => void): void {
    this.#source.watch(ready)
  }

  async close(): Promise<void> {
    await this.#source.close()
  }
}

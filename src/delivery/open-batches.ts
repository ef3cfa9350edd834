/** The batches of one sink that are being filled, one for each target: bounded in number, and in bytes together. */
import type { BufferPool } from '../buffer-pool.ts'
import type { BatchSize } from './batch-size.ts'
import { type CutBatch, cutOf, type OpenBatch } from './open-batch.ts'
import { type BlockWalk, type LineLimits, OutputLines } from './output-lines.ts'
import type { SettledPrefix } from './settle.ts'
import type { Target } from './targets.ts'

/** More partitions than this and the oldest is sent as it is. */
const MOST_OPEN = 64
/** All open batches together hold at most so many full ones. */
const MOST_FULL = 2
/** Of one of many partitions. */
const FIRST_BYTES = 64 * 1024
/** What was fixed is sent as it was fixed. */
const unlimited = { maxBytes: Number.POSITIVE_INFINITY, maxEvents: Number.POSITIVE_INFINITY }

export interface OpenBatchesOptions {
  /** Of the journal's current epoch; older blocks differ from it in the last part only. */
  readonly origin: string
  readonly limits: LineLimits
  /** How much of `limits.maxBytes` the destination bears. */
  readonly size?: Pick<BatchSize, 'limit'>
  readonly pool: BufferPool
  readonly prefix: SettledPrefix
}

export class OpenBatches {
  readonly #options: OpenBatchesOptions
  /** The sink has no partitions. */
  readonly #alone: boolean
  readonly #origin: string
  readonly #open = new Map<string, OpenBatch>()
  /** Of the batch that was cut last: what the next one will want. */
  #sizes = { bytes: 0, events: 0 }

  constructor(options: OpenBatchesOptions, alone: boolean) {
    this.#options = options
    this.#alone = alone
    this.#origin = options.origin.slice(0, options.origin.lastIndexOf('/') + 1)
  }

  /** The batch that was begun first. */
  get oldest(): OpenBatch | undefined {
    return this.#open.values().next().value
  }

  get count(): number {
    return this.#open.size
  }

  /** What each of them holds. */
  get seqs(): readonly Float64Array[] {
    return [...this.#open.values()].map(({ lines }) => lines.seqs)
  }

  /** One that must be cut before anything is added. What comes next is at `position`, and of `epoch` where that is known. */
  readyAt(position: number, epoch: number | undefined): OpenBatch | undefined {
    let bytes = 0
    let largest: OpenBatch | undefined
    for (const open of this.#open.values()) {
      if (isFull(open, position, epoch)) return open
      bytes += open.lines.bytes
      if (open.planned === undefined && (largest === undefined || open.lines.bytes > largest.lines.bytes)) {
        largest = open
      }
    }
    if (this.#open.size > MOST_OPEN) return this.oldest
    return bytes > this.#options.limits.maxBytes * MOST_FULL ? largest : undefined
  }

  /** Adds events up to `end`. True when at least one fitted. `now`: `clock.monotonic`. */
  append(target: Target, walk: BlockWalk, end: number, now: number): boolean {
    const open = this.#open.get(target.key) ?? this.#begin(target, walk, now)
    if (open.lines.full || open.epoch !== walk.block.epoch) {
      open.lines.full = true
      return false
    }
    const before = walk.index
    open.lines.append(walk, end)
    return walk.index > before
  }

  cut(open: OpenBatch): CutBatch {
    this.#open.delete(open.key)
    this.#sizes = { bytes: open.lines.bytes, events: open.lines.count }
    return cutOf(open)
  }

  #begin(target: Target, { block, index }: BlockWalk, now: number): OpenBatch {
    const { pool, prefix, size } = this.#options
    const { maxBytes, maxEvents } = this.#options.limits
    const limits = { maxBytes: Math.min(maxBytes, size?.limit ?? maxBytes), maxEvents }
    const { key, partition, refusal, planned } = target
    const origin = this.#origin + block.epoch
    // A block's events weigh on their way out about what they weigh in the journal; more is found by doubling.
    const bytes = this.#alone
      ? Math.min(limits.maxBytes, Math.max(this.#sizes.bytes, block.payload.length * 1.25))
      : FIRST_BYTES
    const events = this.#alone ? Math.min(limits.maxEvents, Math.max(this.#sizes.events, block.count)) : 0
    const open: OpenBatch = {
      key,
      origin,
      epoch: block.epoch,
      partition,
      refusal,
      planned,
      lines: new OutputLines(
        origin,
        planned === undefined ? limits : unlimited,
        pool.take(Math.ceil(bytes)),
        events,
      ),
      range: prefix.open(block.firstSeq + index, block.writtenTime),
      begun: now,
    }
    this.#open.set(key, open)
    return open
  }
}

/** True when a batch begun before must go first: full, or of another epoch; or the rest of its plan is behind us. */
function isFull({ lines, planned, epoch }: OpenBatch, position: number, next: number | undefined): boolean {
  if (lines.full) return true
  if (planned !== undefined) return position > planned.lastSeq
  return next !== undefined && next !== epoch
}

/** Cuts a sink's events into batches, and keeps account of every seq it has passed, the unselected ones included. */
import { crc32 } from 'node:zlib'
import type { CommittedBlock } from '../journal/contract.ts'
import type { DeliveryBatch } from '../sinks/sink.ts'
import type { BufferPool } from './buffer-pool.ts'
import { BlockWalk, type LineLimits, OutputLines } from './output-lines.ts'
import { selectRuns } from './select.ts'

/** A batch, and the journal range it answers for: everything below `to` that no earlier batch answers for. */
export interface CutBatch {
  readonly batch: DeliveryBatch
  readonly to: number
  /** When its oldest event was written to the journal, unix milliseconds. */
  readonly since: number
}

interface Pending {
  readonly walk: BlockWalk
  readonly runs: readonly number[]
  next: number
}

export class Batcher {
  /** The seq behind the last event looked at. */
  position: number
  readonly #origin: string
  readonly #limits: LineLimits
  readonly #pool: BufferPool
  #source: Pending | undefined
  #lines: OutputLines | undefined
  #epoch = 0
  #since = 0
  #sizes = { bytes: 0, events: 0 }

  /** `origin`: of the journal's current epoch; older blocks differ from it in the last part only. */
  constructor(origin: string, position: number, limits: LineLimits, pool: BufferPool) {
    this.#origin = origin.slice(0, origin.lastIndexOf('/') + 1)
    this.position = position
    this.#limits = limits
    this.#pool = pool
  }

  /** True while a block waits that did not fit. */
  get hasSource(): boolean {
    return this.#source !== undefined
  }

  get empty(): boolean {
    return this.#lines === undefined
  }

  get full(): boolean {
    return this.#lines?.full ?? false
  }

  /** When the oldest event that waits here was written to the journal, unix milliseconds. */
  get since(): number | undefined {
    return this.#lines === undefined ? undefined : this.#since
  }

  /**
   * Offers a block; events below `position` are skipped. Only when there is no source. Returns how many of its events
   * will be taken.
   */
  offer(block: CommittedBlock, mask: Uint32Array): number {
    const first = Math.max(0, this.position - block.firstSeq)
    const runs = selectRuns(block, mask, first)
    this.#source = { walk: new BlockWalk(block), runs, next: 0 }
    let selected = 0
    for (let index = 0; index < runs.length; index += 2) selected += runs[index + 1]! - runs[index]!
    return selected
  }

  /** Takes events from the source until it is used up or the batch is full. */
  fill(): void {
    const source = this.#source
    if (source === undefined) return
    const { walk, runs } = source
    const { block } = walk
    // A batch names one origin, so it ends where an epoch does.
    if (this.#lines !== undefined && this.#epoch !== block.epoch) {
      this.#lines.full = true
      return
    }
    while (source.next < runs.length) {
      if (this.#lines === undefined) this.#begin(block)
      const lines = this.#lines!
      if (lines.full) return
      walk.skipTo(runs[source.next]!)
      const end = runs[source.next + 1]!
      lines.append(walk, end)
      this.position = block.firstSeq + walk.index
      if (walk.index < end) return
      source.next += 2
    }
    this.position = Math.max(this.position, block.firstSeq + block.count)
    this.#source = undefined
  }

  /** The batch so far; undefined when it is empty. */
  cut(): CutBatch | undefined {
    const lines = this.#lines
    if (lines === undefined) return undefined
    this.#lines = undefined
    this.#sizes = { bytes: lines.bytes, events: lines.count }
    const origin = this.#origin + this.#epoch
    const taken = lines.take()
    return { batch: batchOf(origin, this.#epoch, taken), to: this.position, since: this.#since }
  }

  #begin(block: CommittedBlock): void {
    this.#epoch = block.epoch
    this.#since = block.writtenTime
    // A block's events weigh on their way out about what they weigh in the journal; more is found by doubling.
    const bytes = Math.min(this.#limits.maxBytes, Math.max(this.#sizes.bytes, block.payload.length * 1.25))
    const events = Math.min(this.#limits.maxEvents, Math.max(this.#sizes.events, block.count))
    const origin = this.#origin + block.epoch
    this.#lines = new OutputLines(origin, this.#limits, this.#pool.take(Math.ceil(bytes)), events)
  }
}

type Lines = Pick<DeliveryBatch, 'lines' | 'lengths' | 'seqs'>

function batchOf(origin: string, epoch: number, { lines, lengths, seqs }: Lines): DeliveryBatch {
  const count = seqs.length
  const firstSeq = seqs[0]!
  const lastSeq = seqs[count - 1]!
  const key = batchKey(origin, seqs)
  return { origin, epoch, firstSeq, lastSeq, count, lines, lengths, seqs, key, partition: '' }
}

/** The events `[from, to)` of a batch, as a batch of its own that shares its bytes. */
export function partOf(batch: DeliveryBatch, from: number, to: number): DeliveryBatch {
  if (from === 0 && to === batch.count) return batch
  let start = 0
  for (let index = 0; index < from; index++) start += batch.lengths[index]! + 1
  let end = start
  for (let index = from; index < to; index++) end += batch.lengths[index]! + 1
  return batchOf(batch.origin, batch.epoch, {
    lines: batch.lines.subarray(start, end),
    lengths: batch.lengths.subarray(from, to),
    seqs: batch.seqs.subarray(from, to),
  })
}

/**
 * The same events, the same key; other events, another one. A dense range says it all; where events between go
 * elsewhere, their seqs are summed up too: a destination that remembers keys must not mistake a batch cut under
 * other routes for this one.
 */
function batchKey(origin: string, seqs: Float64Array): string {
  const first = seqs[0]!
  const last = seqs[seqs.length - 1]!
  const range = `${origin}/${first}-${last}`
  if (last - first + 1 === seqs.length) return range
  const sum = crc32(Buffer.from(seqs.buffer, seqs.byteOffset, seqs.byteLength))
  return `${range}/${seqs.length}-${sum.toString(16).padStart(8, '0')}`
}

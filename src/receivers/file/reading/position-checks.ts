/**
 * What lies before a position: so that bytes are read on only in the file that they were read from.
 *
 * Two things are known of it. Its last bytes, which are cheap to look at and are compared after each read; and the sum of
 * everything before it, which another file is held against, and the file itself while that is little: what is truncated
 * and written anew may begin alike, and have lines of one length that end alike. Places on the way are kept with their sums as well: a copy
 * that was made while the file grew ends somewhere before what was read, and is known by them.
 */
import { crc32, crc32c } from '@node-rs/crc32'
import type { PositionCheck } from '../../../event/batch.ts'
import type { ByteSource } from '../source/byte-source.ts'
import { sumOf, sumOn } from '../source/content-sum.ts'
import { GzipSource } from '../source/gzip-source.ts'
import { kept, lastOf, span } from './last-bytes.ts'
import { type Place, Trail } from './trail.ts'

/** Places of a chunk that are remembered, about; and these bytes before its end, as far as that is in the last of them. */
const places = 16
const nearEnd = [4096, 1024]
/** Bytes before a position that are all compared after each read. */
const little = 64 * 1024

interface Checkpoint extends Place {
  readonly length: number
  readonly crc: number
}

interface Chunk {
  readonly bytes: Uint8Array
  readonly start: Place
  /** The last bytes before it. */
  readonly before: Buffer
}

const nothing = Buffer.alloc(0)

export class PositionChecks {
  /** Where the sums begin. */
  #from = 0
  /** The present end. `length` 0 = nothing is known of the bytes before it. */
  #end: Checkpoint = { offset: 0, length: 0, crc: 0, sum: 0 }
  /** The bytes that `#end` is of; empty when they are not known any more. */
  #tail: Buffer = nothing
  readonly #trail = new Trail()
  /** Places that are asked for after their chunk is gone. */
  #kept: readonly Checkpoint[] = []
  #chunk: Chunk | null = null

  /** Where reading began: of what lies before that, nothing is known. */
  get from(): number {
    return this.#from
  }

  /** The present end. */
  get offset(): number {
    return this.#end.offset
  }

  /** Of everything before the present end. */
  get sum(): number {
    return this.#end.sum
  }

  /** Reading goes on at `offset`. Without a check, what is before it is known as far as it was remembered. */
  seek(offset: number, check?: PositionCheck): void {
    const known = check ?? this.#find(offset)
    if (check || !known) {
      this.#from = check?.from ?? offset
      this.#trail.cut(0)
    }
    this.#end = { offset, length: known?.length ?? 0, crc: known?.crc ?? 0, sum: known?.sum ?? 0 }
    this.#tail = nothing
    this.#chunk = null
    this.#kept = []
    this.#trail.cut(offset)
  }

  /** `bytes` were read from the present end on. They stay as they are until `release`. */
  take(bytes: Uint8Array): void {
    const start = this.#end
    this.#chunk = { bytes, start, before: this.#tail }
    this.#trail.add(start.offset, start.sum)
    let taken = 0
    let { sum } = start
    for (const place of placesIn(bytes)) {
      sum = crc32(bytes.subarray(taken, place), sum)
      taken = place
      this.#trail.add(start.offset + place, sum)
    }
    sum = crc32(bytes.subarray(taken), sum)
    this.#tail = kept(lastOf(this.#tail, bytes))
    this.#end = {
      offset: start.offset + bytes.length,
      length: this.#tail.length,
      crc: crc32c(this.#tail),
      sum,
    }
  }

  /** As `take`, for what was looked through up to `end` and is not in memory; `last`: its last bytes. */
  pass(end: Place, last: Buffer): void {
    this.#trail.add(this.#end.offset, this.#end.sum)
    this.#stand(end, lastOf(this.#tail, last))
  }

  /** The same, for bytes up to `end` that are read again. */
  async reload(source: ByteSource, end: number): Promise<void> {
    const bytes = await before(source, end, span)
    const sum = await sumOn(source, this.#end.sum, this.#end.offset, end)
    this.#trail.add(this.#end.offset, this.#end.sum)
    if (sum === null) this.seek(end)
    this.#stand({ offset: end, sum: sum ?? 0 }, bytes)
  }

  #stand({ offset, sum }: Place, last: Buffer): void {
    this.#tail = kept(last)
    this.#end = { offset, length: last.length, crc: crc32c(last), sum }
    this.#chunk = null
  }

  /** These places of the present chunk, and of those kept before, will be asked for. */
  keep(offsets: readonly number[]): void {
    this.#kept = offsets.flatMap((offset) => this.#find(offset) ?? [])
  }

  /** The chunk's memory is used again. */
  release(): void {
    this.#chunk = null
  }

  /** The check of an offset within the present chunk, of its ends, or of a place that is kept. */
  at(offset: number): PositionCheck | undefined {
    const found = this.#find(offset)
    if (!found || (found.length === 0 && offset <= this.#from)) return undefined
    return { length: found.length, crc: found.crc, from: this.#from, sum: found.sum }
  }

  /**
   * Whether the bytes right before the present end are still what they were, and all that were read where they are few;
   * true when that is not known.
   */
  async hold(source: ByteSource): Promise<boolean> {
    const { offset, length, crc, sum } = this.#end
    const all = offset - this.#from
    const whole = all > 0 && all <= little && !(source instanceof GzipSource)
    const compared = whole ? Math.max(all, length) : length
    if (compared === 0) return true
    const bytes = await before(source, offset, compared)
    if (bytes.length !== compared) return false
    const last = bytes.subarray(compared - length)
    if (crc32c(last) !== crc || (whole && crc32(bytes.subarray(compared - all)) !== sum)) return false
    // Unless reading has gone elsewhere meanwhile.
    if (this.#tail.length === 0 && this.#end.offset === offset) this.#tail = kept(last)
    return true
  }

  /** Up to where another source of `size` bytes is known to hold the same; 0 without evidence, null if it does not. */
  async agree(source: ByteSource, size: number): Promise<number | null> {
    const end = this.#end
    const tail = this.#tail
    if (size >= end.offset) {
      if (end.length === 0 && end.offset <= this.#from) return 0
      // To look back in a compressed source costs as much as the sum, which says more.
      if (!(source instanceof GzipSource) && !(await this.hold(source))) return null
      return (await this.#sumsAgree(source, end)) ? end.offset : null
    }
    const common = size - (end.offset - tail.length)
    if (common > 0 && !(await before(source, size, common)).equals(tail.subarray(0, common))) return null
    const place = this.#trail.upTo(size)
    const known = place && place.offset > this.#from ? place : null
    if (known && !(await this.#sumsAgree(source, known))) return null
    return common > 0 && (common === size || common >= 64) ? size : (known?.offset ?? 0)
  }

  /**
   * How far a source of `size` bytes still holds what was read, as far as places are known: the last of them that is not
   * behind its end, and before which nothing has changed. 0 when there is none.
   */
  async sameUpTo(source: ByteSource, size: number): Promise<number> {
    let same = 0
    let [offset, sum]: [number, number | null] = [this.#from, 0]
    for (const place of [...this.#trail.places, this.#end]) {
      if (place.offset > size || place.offset <= offset) continue
      sum = await sumOn(source, sum, offset, place.offset)
      if (sum === null || sum !== place.sum) break
      same = offset = place.offset
    }
    return same
  }

  /** The last known place that is not behind `offset`. */
  placeBefore(offset: number): number {
    return this.#trail.upTo(offset)?.offset ?? 0
  }

  async #sumsAgree(source: ByteSource, { offset, sum }: Place): Promise<boolean> {
    return (await sumOf(source, this.#from, offset)) === sum
  }

  #find(offset: number): Checkpoint | undefined {
    if (this.#end.offset === offset) return this.#end
    const within = this.#within(offset)
    if (within) return within
    const known = this.#kept.find((one) => one.offset === offset)
    if (known) return known
    const place = this.#trail.upTo(offset)
    return place?.offset === offset ? { ...place, length: 0, crc: 0 } : undefined
  }

  #within(offset: number): Checkpoint | undefined {
    if (!this.#chunk || offset < this.#chunk.start.offset || offset > this.#end.offset) return undefined
    const { bytes, start, before } = this.#chunk
    const place = this.#trail.upTo(offset)
    const nearest = place && place.offset > start.offset ? place : start
    const part = bytes.subarray(nearest.offset - start.offset, offset - start.offset)
    const last = lastOf(before, bytes.subarray(0, offset - start.offset))
    return { offset, length: last.length, crc: crc32c(last), sum: crc32(part, nearest.sum) }
  }
}

/** Ends of lines in it, in order. */
function* placesIn(bytes: Uint8Array): Iterable<number> {
  const step = Math.ceil(bytes.length / places)
  let last = 0
  for (let target = step; target < bytes.length; target += step) {
    const place = lineEndIn(bytes, last, target)
    if (place > last) {
      last = place
      yield place
    }
  }
  for (const distance of nearEnd) {
    const place = lineEndIn(bytes, last, bytes.length - distance)
    if (place > last) {
      last = place
      yield place
    }
  }
}

/** Behind the last newline between the two; 0 without one. */
function lineEndIn(bytes: Uint8Array, from: number, to: number): number {
  if (to <= from) return 0
  const at = bytes.subarray(from, to).lastIndexOf(10)
  return at < 0 ? 0 : from + at + 1
}

/** Up to `length` bytes that end at `end`; fewer when the source is shorter, or begins behind. */
async function before(source: ByteSource, end: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(length, end))
  return buffer.subarray(0, await source.read(buffer, end - buffer.length))
}

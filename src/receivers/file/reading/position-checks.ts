/**
 * What lies before a position: so that bytes are read on only in the file that they were read from.
 *
 * Beside the check of the present end, a few older ones are kept, the denser the nearer: a copy that was made while
 * the file grew ends somewhere before what was read, and is known by them.
 */
import { crc32c } from '@node-rs/crc32'
import type { PositionCheck } from '../../../event/batch.ts'
import type { ByteSource } from '../source/byte-source.ts'

/** Bytes that a check covers, at most. */
const span = 256
const trailLength = 12
/** Older places of a chunk that are remembered: this many bytes before its end. */
const trailSteps = [64 * 1024, 16 * 1024, 4 * 1024, 1024]

interface Checkpoint extends PositionCheck {
  readonly offset: number
}

export class PositionChecks {
  /** What lies before the present end. `length` 0 = nothing is known. */
  #end: Checkpoint = { offset: 0, length: 0, crc: 0 }
  /** The bytes that `#end` is of; empty when they are not known any more. */
  #tail: Buffer = Buffer.alloc(0)
  /** Ascending. */
  #trail: Checkpoint[] = []
  /** Last given out: a record that is not complete yet is asked for again. */
  #given: Checkpoint | null = null
  #chunk: { readonly bytes: Uint8Array; readonly offset: number; readonly before: Buffer } | null = null

  /** The present end. */
  get offset(): number {
    return this.#end.offset
  }

  /** Reading goes on at `offset`. Without a check, the bytes before it are not known. */
  seek(offset: number, check?: PositionCheck): void {
    const remembered = check ?? this.at(offset)
    this.#end = { offset, length: 0, crc: 0, ...remembered }
    this.#tail = Buffer.alloc(0)
    this.#chunk = null
    this.#trail = this.#trail.filter((one) => one.offset < offset)
  }

  /** `bytes` were read from `offset`, the present end. They stay as they are until `release`. */
  take(bytes: Uint8Array, offset: number): void {
    const before = this.#end.offset === offset ? this.#tail : Buffer.alloc(0)
    if (this.#end.offset === offset && this.#end.length > 0) this.#remember(this.#end)
    this.#chunk = { bytes, offset, before }
    for (const step of trailSteps) {
      if (step + span < bytes.length) this.#remember(this.#within(this.#chunk, offset + bytes.length - step))
    }
    const end = offset + bytes.length
    this.#tail = kept(lastOf(before, bytes))
    this.#end = { offset: end, length: this.#tail.length, crc: crc32c(this.#tail) }
  }

  /** As `take`, for bytes that are not in memory. */
  async reload(source: ByteSource, end: number): Promise<void> {
    const bytes = await before(source, end, span)
    this.seek(end, { length: bytes.length, crc: crc32c(bytes) })
    this.#tail = kept(bytes)
  }

  /** The chunk's memory is used again. */
  release(): void {
    this.#chunk = null
  }

  /** The check of an offset within the present chunk, of its ends, or of the offset given last. */
  at(offset: number): PositionCheck | undefined {
    const found = this.#find(offset)
    if (!found || found.length === 0) return undefined
    this.#given = found
    return { length: found.length, crc: found.crc }
  }

  /** Whether the bytes before the present end are still what they were; true when that is not known. */
  async hold(source: ByteSource): Promise<boolean> {
    const { offset, length, crc } = this.#end
    if (length === 0) return true
    const bytes = await before(source, offset, length)
    if (bytes.length !== length || crc32c(bytes) !== crc) return false
    // Unless reading has gone elsewhere meanwhile.
    if (this.#tail.length === 0 && this.#end.offset === offset) this.#tail = kept(bytes)
    return true
  }

  /** Whether another source of `size` bytes holds the same, up to its end or ours; undefined without evidence. */
  async agree(source: ByteSource, size: number): Promise<boolean | undefined> {
    const { offset, length } = this.#end
    if (length > 0 && size >= offset) return await this.hold(source)
    const common = size - (offset - this.#tail.length)
    if (this.#tail.length > 0 && size < offset && common > 0) {
      if (!(await before(source, size, common)).equals(this.#tail.subarray(0, common))) return false
      if (common === size || common >= 64) return true
    }
    const mark = this.#trail.findLast((one) => one.offset <= size)
    if (!mark) return undefined
    const bytes = await before(source, mark.offset, mark.length)
    return bytes.length === mark.length && crc32c(bytes) === mark.crc
  }

  #find(offset: number): Checkpoint | undefined {
    if (this.#end.offset === offset) return this.#end
    if (this.#chunk && offset >= this.#chunk.offset && offset <= this.#end.offset) {
      return this.#within(this.#chunk, offset)
    }
    if (this.#given?.offset === offset) return this.#given
    return this.#trail.find((one) => one.offset === offset)
  }

  #within(chunk: { bytes: Uint8Array; offset: number; before: Buffer }, offset: number): Checkpoint {
    const bytes = lastOf(chunk.before, chunk.bytes.subarray(0, offset - chunk.offset))
    return { offset, length: bytes.length, crc: crc32c(bytes) }
  }

  #remember(mark: Checkpoint): void {
    if ((this.#trail.at(-1)?.offset ?? -1) >= mark.offset) return
    this.#trail.push(mark)
    if (this.#trail.length <= trailLength) return
    // The one whose going leaves the smallest hole for its age.
    let drop = 0
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.#trail.length - 1; i += 1) {
      const hole = this.#trail[i + 1]!.offset - (this.#trail[i - 1]?.offset ?? 0)
      const ratio = hole / (mark.offset - this.#trail[i]!.offset + 1)
      if (ratio < least) {
        least = ratio
        drop = i
      }
    }
    this.#trail.splice(drop, 1)
  }
}

/** A copy with memory of its own: one from Node's pool would keep 8 KiB of that for each of 10,000 files. */
function kept(bytes: Buffer): Buffer<ArrayBuffer> {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

/** The last bytes of the two together, at most `span`. A view where it can be one. */
function lastOf(first: Buffer, second: Uint8Array): Buffer {
  if (second.length >= span || first.length === 0) {
    const start = Math.max(0, second.length - span)
    return Buffer.from(second.buffer, second.byteOffset + start, second.length - start)
  }
  return Buffer.concat([first, second]).subarray(-span)
}

/** Up to `length` bytes that end at `end`; fewer when the source is shorter, or begins behind. */
async function before(source: ByteSource, end: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(length, end))
  return buffer.subarray(0, await source.read(buffer, end - buffer.length))
}

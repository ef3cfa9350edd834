/**
 * Whole lines out of a growing file, by positional reads.
 *
 * Invariants: a line that is not finished stays on disk, however long it is, and is looked at again when the file
 * has grown; bytes leave only if, after they were read, the file still has its head and the bytes that lay before them,
 * so that a truncation at any moment cannot join two generations; a line that is read a second time leaves only as it was
 * looked through; nothing is held beyond a reading before `reserve`
 * has granted it.
 */
import { crc32 } from '@node-rs/crc32'
import type { PositionCheck } from '../../../event/batch.ts'
import { oversizeHead } from '../../../event/record.ts'
import { byteLineEnds, type LineEnds } from '../framing/line-ends.ts'
import { leadingNuls } from '../framing/nuls.ts'
import type { HeadHash } from '../identity/descriptor.ts'
import { hasHead } from '../identity/head.ts'
import type { ByteSource } from '../source/byte-source.ts'
import { lastOf } from './last-bytes.ts'
import { LongLine } from './long-line.ts'
import { PositionChecks } from './position-checks.ts'

/** Bytes that leave: whole lines, or the head of one record over the limit. */
export interface WholeLines {
  readonly kind: 'lines'
  readonly bytes: Buffer<ArrayBuffer>
  /** `bytes` lie in the caller's scratch: it must not be read into again before they are done with. */
  readonly inScratch: boolean
  readonly offset: number
  /** Bytes right before `offset` that are no part of a line: a hole longer than a chunk. */
  readonly skipped: number
  /** Where the next line starts. */
  readonly end: number
  readonly oversize?: { readonly size: number; readonly sha256: string }
  /** The chunk was full: there is probably more. */
  readonly more: boolean
}

/** `more`: looked through, no whole line yet. `end`: nothing new. `truncated`: not the file it was. */
export type Reading = WholeLines | { readonly kind: 'more' | 'end' | 'truncated' }

export interface LineReaderOptions {
  /** Longest line, without its newline, that is a record. */
  readonly maxRecord: number
  /** Resolves when `bytes` may be held until they are committed. */
  reserve(bytes: number): Promise<void>
  release(bytes: number): void
  /** Told once of each run of NULs before a line, as far as a chunk shows it. */
  skipped(from: number, to: number): void
}

export class LineReader {
  /** Where the next unread line starts. */
  next = 0
  /** What lies before `next`, and lay before places on the way there. */
  readonly checks = new PositionChecks()
  /** Where this file's lines end. */
  lineEnds: LineEnds = byteLineEnds
  #source: ByteSource
  /** A compressed file is not written to in place: to look back in it costs more than it tells. */
  #looksBack = true
  readonly #options: LineReaderOptions
  /** Bytes behind `next` that hold no newline. */
  #partial = 0
  /** Set while the next line is longer than a chunk. */
  #long: LongLine | null = null
  /** Where the last run of NULs ended. */
  #toldUpTo = 0

  constructor(source: ByteSource, options: LineReaderOptions) {
    this.#source = source
    this.#options = options
  }

  /** How far the file was looked at: a size other than this is news. */
  get scanned(): number {
    return this.#long ? this.#long.scanned : this.next + this.#partial
  }

  /** Reading goes on at `offset`; `check` is of the bytes before it, when they are known from elsewhere. */
  seek(offset: number, check?: PositionCheck): void {
    this.checks.seek(offset, check)
    this.#stand(offset, 0)
  }

  /** Looked through up to `end` without taking anything. */
  pass(end: number): void {
    this.#stand(this.next, Math.max(0, end - this.next))
  }

  /** The same content, decompressed. */
  decompress(source: ByteSource): void {
    this.#source = source
    this.#looksBack = false
  }

  #stand(next: number, partial: number): void {
    this.next = next
    this.#partial = partial
    this.#long = null
  }

  /** One chunk's worth. `scratch` is the caller's, and longer than `maxRecord` is never needed. */
  async read(scratch: Buffer<ArrayBuffer>, head: HeadHash): Promise<Reading> {
    if (this.#long) return await this.#readOn(this.#long, scratch, head)
    const bytesRead = await this.#source.read(scratch, this.next)
    if (bytesRead <= this.#partial) return await this.#nothingNew(head)
    if (!(await this.#unchanged(head))) return { kind: 'truncated' }
    const whole = this.lineEnds.behindLast(scratch.subarray(0, bytesRead))
    if (whole === 0) {
      if (bytesRead < scratch.length) this.#partial = bytesRead
      else this.#long = new LongLine(this.next, this.lineEnds, this.checks.sum)
      return { kind: 'more' }
    }
    await this.#options.reserve(whole)
    // A little is copied, so that it does not keep a whole buffer for itself.
    const inScratch = whole * 2 >= scratch.length
    const bytes = inScratch ? scratch.subarray(0, whole) : copyOf(scratch, whole)
    const offset = this.next
    if (bytes[0] === 0) this.#tell(offset, offset + leadingNuls(bytes, this.lineEnds.newline.length))
    this.checks.take(bytes)
    this.#stand(offset + whole, bytesRead - whole)
    const more = bytesRead === scratch.length
    return { kind: 'lines', bytes, inScratch, offset, skipped: 0, end: this.next, more }
  }

  /** The unfinished last line as a record of its own: for a file that nobody writes to any more. */
  async rest(scratch: Buffer, head: HeadHash): Promise<Reading> {
    const line = new LongLine(this.next, this.lineEnds, this.checks.sum)
    let behind: Buffer
    for (;;) {
      const { end, grown, torn } = await line.advance(this.#source, scratch)
      behind = scratch.subarray(0, torn)
      if (end !== null) {
        // It was finished after all: the ordinary way takes it.
        this.#stand(this.next, 0)
        return { kind: 'more' }
      }
      if (!grown) break
    }
    const end = line.scanned + behind.length
    if (end === line.start) return await this.#nothingNew(head)
    if (!(await this.#unchanged(head))) return { kind: 'truncated' }
    return await this.#take(line, end, behind, head)
  }

  async #readOn(line: LongLine, scratch: Buffer, head: HeadHash): Promise<Reading> {
    const { end, grown } = await line.advance(this.#source, scratch)
    if (!grown) return await this.#nothingNew(head)
    if (end === null) return { kind: 'more' }
    if (!(await this.#unchanged(head))) return { kind: 'truncated' }
    return await this.#take(line, end, this.lineEnds.newline, head)
  }

  /** `end` is where the line's content ends; `behind`: what lies between what was looked through and the next line. */
  async #take(line: LongLine, end: number, behind: Uint8Array, head: HeadHash): Promise<Reading> {
    const size = end - line.text
    const oversize = size > this.#options.maxRecord
    const kept = oversize ? Math.min(size, oversizeHead) : size
    // A record gets its newline here, whether the file has it or not; the head of one has none.
    const length = oversize ? kept : kept + this.lineEnds.newline.length
    await this.#options.reserve(length)
    const bytes = Buffer.allocUnsafeSlow(length)
    const read = await this.#source.read(bytes.subarray(0, kept), line.text)
    const torn = behind.subarray(0, Math.max(0, kept - (line.scanned - line.text)))
    const same = crc32(bytes.subarray(0, kept)) === crc32(torn, oversize ? line.headSum : line.textSum)
    if (read < kept || !same) {
      this.#options.release(length)
      if (read < kept || !(await this.#unchanged(head))) return { kind: 'truncated' }
      // It is not what was looked through, so that is done again.
      this.#stand(this.next, 0)
      return { kind: 'more' }
    }
    if (!oversize) bytes.set(this.lineEnds.newline, kept)
    // As it was read: by now, the file may have been truncated.
    const next = line.scanned + behind.length
    this.checks.pass({ offset: next, sum: crc32(behind, line.sum) }, lastOf(line.last, behind))
    this.#tell(line.start, line.text)
    this.#stand(next, 0)
    const lines = {
      kind: 'lines',
      bytes,
      inScratch: false,
      offset: line.text,
      skipped: line.text - line.start,
      end: this.next,
      more: true,
    } as const
    return oversize ? { ...lines, oversize: { size, sha256: line.sha256() } } : lines
  }

  #tell(from: number, to: number): void {
    if (from === to || to === this.#toldUpTo) return
    this.#toldUpTo = to
    this.#options.skipped(from, to)
  }

  async #nothingNew(head: HeadHash): Promise<Reading> {
    const size = await this.#source.size()
    if (size < this.next || !(await this.#unchanged(head))) return { kind: 'truncated' }
    // A writer took back a part of its unfinished line: look at what is left of it again.
    if (size < this.scanned) this.#stand(this.next, 0)
    return { kind: 'end' }
  }

  /** Both are asked at once, and after the reading they are about. */
  async #unchanged(head: HeadHash): Promise<boolean> {
    if (!this.#looksBack) return true
    const [begins, goesOn] = await Promise.all([hasHead(this.#source, head), this.checks.hold(this.#source)])
    return begins && goesOn
  }
}

function copyOf(scratch: Buffer, length: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.allocUnsafeSlow(length)
  scratch.copy(bytes, 0, 0, length)
  return bytes
}

/**
 * A line longer than a chunk, or one that a writer has not finished: looked through once for its newline and
 * hashed on the way, but not held. Only when its end is known, and it is no longer than a record may be, is it
 * read again as a whole; so a line of any length costs one chunk of memory until then.
 */
import { createHash } from 'node:crypto'
import type { ByteSource } from './byte-source.ts'

export class LongLine {
  readonly start: number
  /** No newline below this offset. */
  scanned: number
  readonly #hash = createHash('sha256')

  constructor(start: number) {
    this.start = start
    this.scanned = start
  }

  /** Looks through one more chunk. `end` is the newline's offset; `grown` false means end of file. */
  async advance(
    source: ByteSource,
    scratch: Buffer,
  ): Promise<{ readonly end: number | null; readonly grown: boolean }> {
    const bytesRead = await source.read(scratch, this.scanned)
    const newline = scratch.subarray(0, bytesRead).indexOf(10)
    const length = newline < 0 ? bytesRead : newline
    this.#hash.update(scratch.subarray(0, length))
    this.scanned += length
    return { end: newline < 0 ? null : this.scanned, grown: bytesRead > 0 }
  }

  /** SHA-256 (hex) of what was looked through so far, without the newline. */
  sha256(): string {
    return this.#hash.copy().digest('hex')
  }
}

/**
 * A line longer than a chunk, or one that a writer has not finished: looked through once for its newline and
 * hashed on the way, but not held. Only when its end is known, and it is no longer than a record may be, is it
 * read again as a whole; so a line of any length costs one chunk of memory until then. NULs that it begins with are no
 * part of it.
 */
import { createHash } from 'node:crypto'
import { crc32 } from '@node-rs/crc32'
import { oversizeHead } from '../../../event/record.ts'
import type { LineEnds } from '../framing/line-ends.ts'
import { leadingNuls } from '../framing/nuls.ts'
import type { ByteSource } from '../source/byte-source.ts'
import { kept, lastOf } from './last-bytes.ts'

export class LongLine {
  readonly start: number
  /** Where its text begins: behind the NULs. */
  text: number
  /** No newline below this offset. */
  scanned: number
  /** CRC-32 of the stream up to there. */
  sum: number
  /** CRC-32 of its text up to there, and of what is kept of that should it be over the limit. */
  textSum = 0
  headSum = 0
  /** The last bytes before that. */
  last: Buffer = Buffer.alloc(0)
  readonly #lineEnds: LineEnds
  readonly #hash = createHash('sha256')

  /** `sum`: of the stream up to `start`. */
  constructor(start: number, lineEnds: LineEnds, sum: number) {
    this.start = start
    this.text = start
    this.scanned = start
    this.sum = sum
    this.#lineEnds = lineEnds
  }

  /**
   * Looks through one more chunk. `end` is the newline's offset; `grown` false means end of file, where `torn` bytes are
   * a part of a code unit.
   */
  async advance(
    source: ByteSource,
    scratch: Buffer,
  ): Promise<{ readonly end: number | null; readonly grown: boolean; readonly torn: number }> {
    const bytesRead = await source.read(scratch, this.scanned)
    const unit = this.#lineEnds.newline.length
    const torn = bytesRead % unit
    const whole = bytesRead - torn
    const nuls = this.text === this.scanned ? leadingNuls(scratch.subarray(0, whole), unit) : 0
    this.text += nuls
    const newline = this.#lineEnds.first(scratch.subarray(0, whole), nuls)
    const length = newline < 0 ? whole : newline
    const text = scratch.subarray(nuls, length)
    this.#hash.update(text)
    const room = Math.max(0, oversizeHead - (this.scanned + nuls - this.text))
    this.headSum = crc32(text.subarray(0, room), this.headSum)
    this.textSum = crc32(text, this.textSum)
    this.sum = crc32(scratch.subarray(0, length), this.sum)
    this.last = kept(lastOf(this.last, scratch.subarray(0, length)))
    this.scanned += length
    return { end: newline < 0 ? null : this.scanned, grown: whole > 0, torn }
  }

  /** SHA-256 (hex) of its text, as far as that was looked through, without the newline. */
  sha256(): string {
    return this.#hash.copy().digest('hex')
  }
}

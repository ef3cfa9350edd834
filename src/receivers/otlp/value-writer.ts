/**
 * Writes values as JSON writes them, one behind the other, straight from the bytes of a body, and notes where each lies. What
 * JSON would escape is left to `JSON.stringify`.
 */
import { isUtf8 } from 'node:buffer'
import { isPlainNumber, mostDigits, type RecordValues } from '../../event/record-layout.ts'

const billion = 1_000_000_000
const quote = 0x22
const backslash = 0x5c

/** By byte, the two characters of its hex digits. */
const hexPairs = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16LE(),
)

export class ValueWriter {
  readonly #body: Buffer
  /** The same bytes. */
  readonly #source: DataView
  readonly #out: Uint8Array<ArrayBuffer>
  readonly #view: DataView
  readonly #places: Int32Array
  /** Where the next value is written, and how many there are. */
  #to = 0
  #count = 0

  /** @param memory what values are written into, and their places; it begins at a multiple of 4 */
  constructor(body: Buffer, { buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>) {
    const half = (byteLength >>> 1) & ~3
    this.#body = body
    this.#source = new DataView(body.buffer, body.byteOffset, body.byteLength)
    this.#out = new Uint8Array(buffer, byteOffset, half)
    this.#view = new DataView(buffer, byteOffset, half)
    this.#places = new Int32Array(buffer, byteOffset + half, half >>> 2)
  }

  /** All that were written. */
  get values(): RecordValues {
    return { bytes: this.#out.subarray(0, this.#to), places: this.#places.subarray(0, 2 * this.#count) }
  }

  get count(): number {
    return this.#count
  }

  /** Bytes that were written. */
  get length(): number {
    return this.#to
  }

  /** Whether there is room for so many bytes more, in so many values. */
  hasRoom(bytes: number, values: number): boolean {
    return this.#to + bytes <= this.#out.length && 2 * (this.#count + values) <= this.#places.length
  }

  /** Takes back what was written since there were so many values, and so many bytes. */
  cut(count: number, length: number): void {
    this.#count = count
    this.#to = length
  }

  /** Values that were written before, one behind the other: `places` of each in `bytes`. */
  block(bytes: Uint8Array, places: Int32Array): void {
    const from = this.#to
    this.#out.set(bytes, from)
    this.#to += bytes.length
    let at = 2 * this.#count
    for (let i = 0; i < places.length; i++) this.#places[at++] = from + places[i]!
    this.#count += places.length >>> 1
  }

  /** Bytes that are no value, one character each; returns where they lie. */
  aside(text: string): number {
    const at = this.#to
    for (let i = 0; i < text.length; i++) this.#out[at + i] = text.charCodeAt(i)
    this.#to += text.length
    return at
  }

  /** The text at `[from, to)` of the body, of one byte at least; false, and nothing is written, where it is not UTF-8. */
  text(from: number, to: number): boolean {
    const source = this.#source
    const view = this.#view
    let at = from
    let end = this.#to
    let all = 0
    // Four at a time, the last four once more where fewer are left: what is written too far is written over.
    for (; at < to; at += 4, end += 4) {
      if (at + 4 > to) {
        if (to - from < 4) return this.#shortText(from, to)
        end -= at + 4 - to
        at = to - 4
      }
      const word = source.getInt32(at, true)
      const quotes = word ^ 0x22222222
      const backslashes = word ^ 0x5c5c5c5c
      // The highest bit of a byte is set where it is below 0x20, or 0 of the others.
      const special =
        ((word - 0x20202020) & ~word) |
        ((quotes - 0x01010101) & ~quotes) |
        ((backslashes - 0x01010101) & ~backslashes)
      if ((special & 0x80808080) !== 0) return this.#escaped(from, to)
      all |= word
      view.setInt32(end, word, true)
    }
    if ((all & 0x80808080) !== 0 && !isUtf8(this.#body.subarray(from, to))) return false
    this.#end(this.#to + to - from)
    return true
  }

  #shortText(from: number, to: number): boolean {
    const body = this.#body
    let end = this.#to
    let all = 0
    for (let at = from; at < to; at++) {
      const byte = body[at]!
      if (byte < 0x20 || byte === quote || byte === backslash) return this.#escaped(from, to)
      all |= byte
      this.#out[end++] = byte
    }
    if (all >= 0x80 && !isUtf8(body.subarray(from, to))) return false
    this.#end(end)
    return true
  }

  #escaped(from: number, to: number): boolean {
    const body = this.#body
    if (!isUtf8(body.subarray(from, to))) return false
    this.#json(JSON.stringify(body.toString('utf8', from, to)).slice(1, -1))
    return true
  }

  /** A value as it stands in JSON. */
  #json(text: string): void {
    const bytes = Buffer.from(text)
    this.#out.set(bytes, this.#to)
    this.#end(this.#to + bytes.length)
  }

  /** The bytes at `[from, to)` of the body in hex digits. */
  hex(from: number, to: number): void {
    const body = this.#body
    let end = this.#to
    for (let at = from; at < to; at++, end += 2) this.#view.setUint16(end, hexPairs[body[at]!]!, true)
    this.#end(end)
  }

  /** Nanoseconds: `high * 2^32 + low`. False, and nothing is written, for those of the first second. */
  time(low: number, high: number): boolean {
    let seconds = Math.floor((high * 0x1_0000_0000 + low) / billion)
    // Of two numbers whose difference is small, the lowest bits will do; the seconds are one too many or too few at most.
    let nanoseconds = (low - Math.imul(seconds, billion)) >>> 0
    if (nanoseconds >= 2 * billion) {
      seconds--
      nanoseconds = (nanoseconds + billion) >>> 0
    } else if (nanoseconds >= billion) {
      seconds++
      nanoseconds -= billion
    }
    if (seconds === 0) return false
    const end = this.#digits(seconds, this.#to)
    const out = this.#out
    let rest = nanoseconds | 0
    for (let digit = end + 8; digit >= end; digit--) {
      const tenth = (rest / 10) | 0
      out[digit] = 0x30 + rest - tenth * 10
      rest = tenth
    }
    this.#end(end + 9)
    return true
  }

  /** An integer from 0. False, and nothing is written, for one of more digits than a value has. */
  integer(value: number): boolean {
    if (value >= 10 ** mostDigits) return false
    this.#end(this.#digits(value, this.#to))
    return true
  }

  /** False, and nothing is written, for one that JSON writes with more digits than a value has, or with an exponent. */
  double(value: number): boolean {
    if (!Number.isFinite(value)) return false
    const text = String(value === 0 ? 0 : value)
    if (!isPlainNumber(text)) return false
    this.#json(text)
    return true
  }

  /** An integer from 0, at a place; returns where it ends. */
  #digits(value: number, from: number): number {
    if (value > 0x7fff_ffff) {
      const text = String(value)
      for (let i = 0; i < text.length; i++) this.#out[from + i] = text.charCodeAt(i)
      return from + text.length
    }
    let length = 1
    for (let rest = value; rest > 9; rest = (rest / 10) | 0) length++
    let rest = value
    for (let at = from + length - 1; at >= from; at--) {
      const tenth = (rest / 10) | 0
      this.#out[at] = 0x30 + rest - tenth * 10
      rest = tenth
    }
    return from + length
  }

  /** The value that was begun ends here. */
  #end(to: number): void {
    const at = 2 * this.#count++
    this.#places[at] = this.#to
    this.#places[at + 1] = to
    this.#to = to
  }
}

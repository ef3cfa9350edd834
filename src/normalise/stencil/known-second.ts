/**
 * The second that was last read of times like `2026-11-23T11:00:00.123Z` or `2026-11-23 11:00:00.123 UTC`: of another
 * one in the same second, written in the same way, only the fraction is to be read.
 */

import { TimeText } from './time-text.ts'

/** `2026-11-23T11:00:00` */
const secondLength = 19
/** `2026-11-23T11:00:00.123456789Z`, as events have it. */
const timeLength = 30
const zero = 0x30
/** Of a zone. */
const longestTail = 16
const mostDigits = 9
const point = 0x2e
const comma = 0x2c
const form = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:([.,])(\d{1,9}))?([^\d.,].*)?$/
/** Fractions may have any number of digits: RFC 3339. */
const anyNumber = -1

export class KnownSecond {
  /** What there was to say of it. */
  kind = 0
  readonly #second = new Uint8Array(secondLength)
  readonly #tail = new Uint8Array(longestTail)
  #tailLength = 0
  /** Before the fraction. */
  #separator = point
  /** Of the fraction. */
  #digits = anyNumber
  /** The time that was read last: the next one is written over its fraction. Empty where there is no known second. */
  readonly #time = new TimeText()

  /** The time, if it is of this second: until the next one is read. */
  read(bytes: Uint8Array, from: number, end: number): TimeText | undefined {
    const tailFrom = end - this.#tailLength
    const length = tailFrom - from
    if (this.#time.length === 0 || length < secondLength) return undefined
    const digitCount = length === secondLength ? 0 : length - secondLength - 1
    if (this.#digits === anyNumber ? digitCount > mostDigits : digitCount !== this.#digits) return undefined
    for (let i = 0; i < secondLength; i++) if (bytes[from + i] !== this.#second[i]) return undefined
    for (let i = 0; i < this.#tailLength; i++) if (bytes[tailFrom + i] !== this.#tail[i]) return undefined
    if (length > secondLength && (digitCount === 0 || bytes[from + secondLength] !== this.#separator))
      return undefined
    const out = this.#time.bytes
    let to = secondLength + 1
    for (let at = from + to; at < tailFrom; at++) {
      const byte = bytes[at]!
      if (byte < zero || byte > zero + 9) return undefined
      out[to++] = byte
    }
    while (to < timeLength - 1) out[to++] = zero
    return this.#time
  }

  /** Told what a text was read as. False where it is not of a form that could help. */
  remember(text: string, time: string, kind: number): boolean {
    const match = form.exec(text)
    if (match === null) return false
    const [, separator, digits = '', tail = ''] = match
    if (tail.length > longestTail || time.length !== timeLength) return false
    if (!time.endsWith(`.${digits.padEnd(mostDigits, '0')}Z`)) return false
    this.kind = kind
    this.#separator = separator === ',' ? comma : point
    this.#time.set(time)
    this.#digits = tail === 'Z' && text[10] === 'T' && separator !== ',' ? anyNumber : digits.length
    this.#tailLength = tail.length
    for (let i = 0; i < secondLength; i++) this.#second[i] = text.charCodeAt(i)
    for (let i = 0; i < tail.length; i++) this.#tail[i] = tail.charCodeAt(i)
    return true
  }
}

/**
 * Reads the time in a slot. Lines that follow each other mostly say the same second: what was once read as far as the
 * second, in UTC, is not read again, only its fraction is.
 */
import type { TimeReader } from '../compile/time-format.ts'
import { readTime } from './cut.ts'

/** `2026-11-23T11:00:00` */
const secondLength = 19
const zulu = 0x5a
const point = 0x2e

export class SlotTime {
  readonly #reader: TimeReader
  readonly #kind: 'string' | 'number'
  readonly #second = new Uint8Array(secondLength)
  /** `#second` as text, with its point. */
  #prefix = ''

  constructor(reader: TimeReader, kind: 'string' | 'number') {
    this.#reader = reader
    this.#kind = kind
  }

  /** The time as an event has it; undefined when there is more to it than a stencil can say. */
  read(bytes: Buffer, from: number, end: number): string | undefined {
    const known = this.#knownSecond(bytes, from, end)
    if (known !== undefined) return known
    const text = bytes.toString('latin1', from, end)
    const time = readTime(this.#reader, this.#kind, text)
    const isPlain =
      this.#kind === 'string' && time !== undefined && time.startsWith(text.slice(0, secondLength))
    if (isPlain && text.endsWith('Z') && text[secondLength - 9] === 'T') {
      this.#prefix = `${text.slice(0, secondLength)}.`
      for (let i = 0; i < secondLength; i++) this.#second[i] = text.charCodeAt(i)
    }
    return time
  }

  #knownSecond(bytes: Buffer, from: number, end: number): string | undefined {
    if (this.#prefix === '' || end - from <= secondLength || bytes[end - 1] !== zulu) return undefined
    const second = this.#second
    for (let i = 0; i < secondLength; i++) if (bytes[from + i] !== second[i]) return undefined
    const fraction = end - 1 - (from + secondLength) - 1
    if (fraction < 0) return `${this.#prefix}000000000Z`
    if (bytes[from + secondLength] !== point || fraction === 0 || fraction > 9) return undefined
    let digits = ''
    for (let at = from + secondLength + 1; at < end - 1; at++) {
      const byte = bytes[at]!
      if (byte < 0x30 || byte > 0x39) return undefined
      digits += digitTexts[byte - 0x30]!
    }
    return `${this.#prefix}${digits}${padding[fraction]!}Z`
  }
}

const digitTexts = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
const padding = Array.from({ length: 10 }, (_, digits) => '0'.repeat(9 - digits))

/**
 * Reads the time in a slot. Lines that follow each other mostly say the same second: what was once read as far as the
 * second is not read again, only its fraction is (known-second.ts, known-unix-second.ts); and a text that was just read is not read again.
 */
import { assumedUtc } from '../compile/local-time.ts'
import type { TimeReader } from '../compile/time-format.ts'
import { KnownSecond } from './known-second.ts'
import { KnownUnixSecond } from './known-unix-second.ts'
import { TimeText } from './time-text.ts'

/** What there is to say of a time that was read: stencils differ by it. */
const timeKinds = {
  /** RFC 3339. */
  plain: 0,
  /** Its text is kept beside it. */
  original: 1,
  /** And UTC was assumed. */
  assumedUtc: 2,
} as const

/** Longer ones are not remembered. */
const maxText = 48

export class SlotTime {
  /** Of the last time that was read. */
  kind: number = timeKinds.plain
  readonly #reader: TimeReader
  readonly #type: 'string' | 'number'
  readonly #known = new KnownSecond()
  readonly #unix = new KnownUnixSecond()
  /** The text that was read last, and what it was read as. */
  readonly #last = { bytes: new Uint8Array(maxText), length: 0, time: new TimeText(), kind: 0 }

  constructor(reader: TimeReader, type: 'string' | 'number') {
    this.#reader = reader
    this.#type = type
  }

  /**
   * The time as an event has it, until the next one is read; undefined when there is more to it than a stencil can say.
   * Sets `kind`.
   */
  read(bytes: Buffer, from: number, end: number): TimeText | undefined {
    const known = this.#known.read(bytes, from, end)
    if (known !== undefined) {
      this.kind = this.#known.kind
      return known
    }
    const unix = this.#unix.read(bytes, from, end)
    if (unix !== undefined) {
      this.kind = this.#unix.kind
      return unix
    }
    if (this.#isLast(bytes, from, end)) {
      this.kind = this.#last.kind
      return this.#last.time
    }
    const text = bytes.toString('latin1', from, end)
    const time = this.readText(text)
    if (time === undefined) return undefined
    if (this.#type === 'string') this.#known.remember(text, time, this.kind)
    this.#unix.remember(text, time, this.kind)
    this.#remember(bytes, from, end, time)
    return this.#last.time
  }

  /** The same for a text that is none of a line's. */
  readText(text: string): string | undefined {
    // An escape is not what it says.
    if (text.includes('\\')) return undefined
    const reader = this.#reader
    const time = reader.read(this.#type === 'string' ? text : Number(text), 0)
    // Any other assumption depends on more than the text.
    if (time === undefined || (reader.assumed !== undefined && reader.assumed !== assumedUtc))
      return undefined
    this.kind =
      reader.assumed === undefined
        ? reader.original === undefined
          ? timeKinds.plain
          : timeKinds.original
        : timeKinds.assumedUtc
    return time
  }

  #isLast(bytes: Buffer, from: number, end: number): boolean {
    const { bytes: last, length } = this.#last
    if (length === 0 || end - from !== length) return false
    for (let i = length - 1; i >= 0; i--) if (bytes[from + i] !== last[i]) return false
    return true
  }

  #remember(bytes: Buffer, from: number, end: number, time: string): void {
    const isShort = end - from <= maxText
    if (isShort) this.#last.bytes.set(bytes.subarray(from, end))
    this.#last.length = isShort ? end - from : 0
    this.#last.time.set(time)
    this.#last.kind = this.kind
  }
}

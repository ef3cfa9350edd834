/** The second that was last read of Unix times in digits: of another one in it, as long as that, only the fraction is to be read. */
import { TimeText } from './time-text.ts'

/** Of seconds, from the year 2001 until 2286. */
const secondDigits = 10
/** `2026-11-23T11:00:00.` in what events have. */
const fractionAt = 20
const fractionDigits = 9
const zero = 0x30
const form = /^[1-9]\d{9,18}$/

export class KnownUnixSecond {
  /** What there was to say of it. */
  kind = 0
  readonly #second = new Uint8Array(secondDigits)
  /** Of the whole text; 0 where there is no known second. */
  #length = 0
  readonly #time = new TimeText()

  /** The time, if it is of this second: until the next one is read. */
  read(bytes: Uint8Array, from: number, end: number): TimeText | undefined {
    if (end - from !== this.#length) return undefined
    for (let i = 0; i < secondDigits; i++) if (bytes[from + i] !== this.#second[i]) return undefined
    const out = this.#time.bytes
    let to = fractionAt
    for (let at = from + secondDigits; at < end; at++) {
      const byte = bytes[at]!
      if (byte < zero || byte > zero + 9) return undefined
      out[to++] = byte
    }
    return this.#time
  }

  /** Told what a text was read as: nothing where that is not the second that its first ten digits are. */
  remember(text: string, time: string, kind: number): void {
    const fraction = text.slice(secondDigits)
    if (!form.test(text) || !time.endsWith(`.${fraction.padEnd(fractionDigits, '0')}Z`)) return
    const seconds = new Date(Number(text.slice(0, secondDigits)) * 1000).toISOString()
    if (!time.startsWith(seconds.slice(0, fractionAt))) return
    this.kind = kind
    this.#length = text.length
    this.#time.set(time)
    for (let i = 0; i < secondDigits; i++) this.#second[i] = text.charCodeAt(i)
  }
}

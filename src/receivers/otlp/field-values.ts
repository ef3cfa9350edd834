/** Values of LogRecord's fields, from protobuf to where they are written: those of the kinds that most are. */
import { type Became, become } from './fields.ts'
import { tags } from './record-tags.ts'
import type { ValueWriter } from './value-writer.ts'

/** Of a value that is not plain, or malformed. */
export const refused = -1

export class FieldValues {
  /** Where the next byte is read. */
  at = 0
  readonly #body: Buffer
  readonly #view: DataView
  readonly #writer: ValueWriter

  /** @param view the same bytes as `body` */
  constructor(body: Buffer, view: DataView, writer: ValueWriter) {
    this.#body = body
    this.#view = view
    this.#writer = writer
  }

  /** The value of any field but an attribute. What is unset is left out. */
  member(tag: number, to: number): Became | typeof refused {
    switch (tag) {
      case tags.timestamp:
      case tags.observed:
        return this.#time(to)
      case tags.severityNumber: {
        const number = this.at < to ? this.#body[this.at++]! : refused
        return number > 24 ? refused : this.#number(number)
      }
      case tags.dropped: {
        const dropped = this.#integer(to)
        return dropped > 0xffff_ffff ? refused : this.#number(dropped)
      }
      case tags.flags: {
        if (this.at + 4 > to) return refused
        const flags = this.#view.getUint32(this.at, true)
        this.at += 4
        return this.#number(flags)
      }
      case tags.traceId:
        return this.#hex(16, to)
      case tags.spanId:
        return this.#hex(8, to)
      case tags.body: {
        const stop = this.lengthEnd(to)
        // An empty value is none.
        return stop === this.at ? become.nothing : stop < 0 ? refused : this.anyValue(stop)
      }
      default: {
        const stop = this.lengthEnd(to)
        return stop === this.at ? become.nothing : stop < 0 ? refused : this.#text(stop)
      }
    }
  }

  /** An AnyValue of the kinds that most are, up to `stop`. */
  anyValue(stop: number): Became | typeof refused {
    if (this.at >= stop) return refused
    const tag = this.#body[this.at++]
    if (tag === 0x0a) {
      if (this.lengthEnd(stop) !== stop) return refused
      return this.at === stop ? become.emptyText : this.#text(stop)
    }
    if (tag === 0x18) {
      const value = this.#integer(stop)
      if (this.at !== stop || value < 0 || !this.#writer.integer(value)) return refused
      return become.number
    }
    if (tag === 0x10) {
      const byte = this.at + 1 === stop ? this.#body[this.at++]! : 2
      return byte > 1 ? refused : byte === 1 ? become.yes : become.no
    }
    if (tag !== 0x21 || this.at + 8 !== stop) return refused
    const value = this.#view.getFloat64(this.at, true)
    this.at = stop
    return this.#writer.double(value) ? become.number : refused
  }

  /** Up to `stop`, of one byte at least. */
  #text(stop: number): Became | typeof refused {
    const from = this.at
    this.at = stop
    return this.#writer.text(from, stop) ? become.text : refused
  }

  /** 0 is unset. */
  #number(value: number): Became | typeof refused {
    if (value <= 0) return value === 0 ? become.nothing : refused
    return this.#writer.integer(value) ? become.number : refused
  }

  /** Nanoseconds; 0 is unset. */
  #time(to: number): Became | typeof refused {
    const at = this.at
    if (at + 8 > to) return refused
    this.at = at + 8
    const low = this.#view.getUint32(at, true)
    const high = this.#view.getUint32(at + 4, true)
    if (low === 0 && high === 0) return become.nothing
    return this.#writer.time(low, high) ? become.text : refused
  }

  /** An id of so many bytes; all zeros are unset. */
  #hex(bytes: number, to: number): Became | typeof refused {
    const stop = this.lengthEnd(to)
    const from = this.at
    if (stop === from) return become.nothing
    if (stop !== from + bytes) return refused
    this.at = stop
    for (let at = from; at < stop; at += 4) {
      if (this.#view.getInt32(at) === 0) continue
      this.#writer.hex(from, stop)
      return become.text
    }
    return become.nothing
  }

  /** Where what is as long as it says here ends; -1 where it would end behind `to`. */
  lengthEnd(to: number): number {
    const body = this.#body
    let at = this.at
    let length = 0
    for (let shift = 0; shift < 28 && at < to; shift += 7) {
      const byte = body[at++]!
      length |= (byte & 0x7f) << shift
      if (byte >= 0x80) continue
      this.at = at
      return at + length > to ? -1 : at + length
    }
    return -1
  }

  /** From 0 to 2^53 - 1; -1 for any other. */
  #integer(to: number): number {
    const body = this.#body
    let at = this.at
    let value = 0
    for (let weight = 1; weight <= 2 ** 49 && at < to; weight *= 128) {
      const byte = body[at++]!
      value += (byte & 0x7f) * weight
      if (byte >= 0x80) continue
      this.at = at
      return Number.isSafeInteger(value) ? value : -1
    }
    return -1
  }
}

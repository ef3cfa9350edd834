/**
 * LogRecords as lines of JSON, straight from protobuf: what `JSON.stringify` would write of what `readLogRecord` and
 * `finishRecord` make of them but for the order of members, at a fraction of the price, since no value becomes an object or a string.
 *
 * Invariant: what is anything but plain is not written, and is left to them, from its first byte on: whatever is malformed or
 * has a warning, fields that come twice, keys that JSON would escape, long records. So there is nothing here that
 * is said of a record, and no record that is refused.
 */
import { isUtf8 } from 'node:buffer'
import { isUuid } from '../../event/id.ts'
import type { LineRecord } from '../../event/record.ts'
import { type Key, Keys, type Piece, pieceOf } from './line-keys.ts'

/** Longer records have no short way in the normaliser either; bytes of protobuf, and of what follows a line's own members. */
const longestRecord = 8 * 1024
const longestRest = 8 * 1024

/** Tags of LogRecord, all of one byte. */
const tags = {
  timestamp: 0x09,
  severityNumber: 0x10,
  severityText: 0x1a,
  body: 0x2a,
  attribute: 0x32,
  dropped: 0x38,
  flags: 0x45,
  traceId: 0x4a,
  spanId: 0x52,
  observed: 0x59,
  eventName: 0x62,
} as const

const begin = pieceOf('{"attributes":{')
const end = pieceOf('}')
const names = {
  body: pieceOf(',"body":'),
  dropped: pieceOf(',"dropped_attributes_count":'),
  eventName: pieceOf(',"event_name":'),
  flags: pieceOf(',"flags":'),
  severityNumber: pieceOf(',"severity_number":'),
  severityText: pieceOf(',"severity_text":'),
  spanId: pieceOf(',"span_id":"'),
  timestamp: pieceOf(',"timestamp":"'),
  traceId: pieceOf(',"trace_id":"'),
  observed: pieceOf(',"observed_timestamp":"'),
}

/** 1 for what stands for itself in a string of JSON; other than ASCII does too, where it is UTF-8. */
const isContent = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === 0x22 || byte === 0x5c ? 0 : 1,
)
const hexDigits = Buffer.from('0123456789abcdef')

/** Of all bodies of this process. */
const keys = new Keys()

/** Behind the attributes, in this order. */
const members = [
  tags.body,
  tags.dropped,
  tags.eventName,
  tags.flags,
  tags.observed,
  tags.severityNumber,
  tags.severityText,
  tags.spanId,
  tags.timestamp,
  tags.traceId,
] as const

/** What stands in a line of a resource and a scope, `,"resource":{…}`, and who the producer is. */
export interface Rest {
  readonly bytes: Uint8Array
  /** `service.name`. */
  readonly producer: string
}

/** Undefined where it is too long. */
export function restOf(beside: object, producer: unknown): Rest | undefined {
  const text = JSON.stringify(beside)
  const bytes = Buffer.from(`,${text.slice(1, -1)}`)
  if (bytes.length > longestRest || !text.isWellFormed()) return undefined
  return { bytes, producer: typeof producer === 'string' ? producer : '' }
}

export class LineWriter {
  readonly #body: Buffer
  readonly #out: Uint8Array<ArrayBuffer>
  readonly #view: DataView
  /** Where the next byte is read, and written. */
  #at = 0
  #to = 0
  readonly #keys: Key[] = []
  /** Of the record under way: where each of its fields has its value, by tag; 0 where it has none. */
  readonly #places = new Int32Array(128)
  #id: LineRecord['id']

  /** @param out what lines are written into */
  constructor(body: Buffer, out: Uint8Array<ArrayBuffer>) {
    this.#body = body
    this.#out = out
    this.#view = new DataView(out.buffer, out.byteOffset, out.byteLength)
  }

  /** All that was written. */
  get lines(): Uint8Array<ArrayBuffer> {
    return this.#out.subarray(0, this.#to)
  }

  /** Whether there is room for the record at `[from, to)` of the body. */
  hasRoom(from: number, to: number): boolean {
    // A byte becomes six characters at most; the names of members, and words that are written too far.
    return this.#to + 6 * (to - from) + longestRest + 512 <= this.#out.length
  }

  /** Where the field with the time of observation begins in the record that was written last; 0 where it has none. */
  get observed(): number {
    return Math.max(0, this.#places[tags.observed]! - 1)
  }

  /** Begins anew. */
  clear(): void {
    this.#to = 0
  }

  /** The LogRecord at `[from, to)` of the body; undefined, and nothing is written, for one that is not plain. */
  write(from: number, to: number, rest: Rest): LineRecord | undefined {
    if (to - from > longestRecord || !this.hasRoom(from, to)) return undefined
    const start = this.#to
    this.#id = undefined
    if (!this.#scan(from, to) || !this.#attributes(to) || !this.#members(to)) {
      this.#to = start
      return undefined
    }
    this.#out.set(rest.bytes, this.#to)
    this.#to += rest.bytes.length
    this.#piece(end)
    const line = { start, end: this.#to }
    const id = this.#id as LineRecord['id']
    if (id === undefined) return line
    return { ...line, id: 'uid' in id ? { uid: id.uid, producer: rest.producer } : id }
  }

  /** Notes where each field begins; false where there is one that LogRecord has none of, or that comes twice. */
  #scan(from: number, to: number): boolean {
    const body = this.#body
    const places = this.#places
    places.fill(0)
    let isFirst = true
    this.#at = from
    while (this.#at < to) {
      const tag = body[this.#at++]!
      if (tag !== tags.attribute) {
        if (places[tag & 0x7f] !== 0 || tag > 0x7f) return false
        places[tag] = this.#at
      } else if (isFirst) {
        isFirst = false
        places[tag] = this.#at
      }
      if (!this.#skip(tag, to)) return false
    }
    return this.#at === to
  }

  /** From the first on to the end: others among them are stepped over. */
  #attributes(to: number): boolean {
    const body = this.#body
    const known = this.#keys
    known.length = 0
    this.#piece(begin)
    const first = this.#places[tags.attribute]!
    if (first !== 0) {
      let among = keys.first
      this.#at = first - 1
      while (this.#at < to) {
        const tag = body[this.#at++]!
        if (tag !== tags.attribute) {
          this.#skip(tag, to)
          continue
        }
        const stop = this.#lengthEnd(to)
        if (stop < 0 || body[this.#at] !== 0x0a) return false
        this.#at++
        const keyEnd = this.#lengthEnd(stop)
        if (keyEnd < 0 || body[keyEnd] !== 0x12) return false
        const key = keys.find(among, body, this.#at, keyEnd, known)
        if (!key.isPlain) return false
        this.#piece(key.literal)
        this.#at = keyEnd + 1
        if (this.#lengthEnd(stop) !== stop) return false
        if (key.id !== undefined) this.#noteId(key.id, this.#at, stop)
        if (!this.#value(stop)) return false
        known.push(key)
        among = key.next
      }
    }
    this.#piece(end)
    return true
  }

  #noteId(name: NonNullable<Key['id']>, from: number, to: number): void {
    const body = this.#body
    // A string, whose length takes a byte or two; what is longer is an id, too, and is left to others.
    if (body[from] !== 0x0a) return
    this.#at = from + 1
    const stop = this.#lengthEnd(to)
    const text = stop === to ? body.toString('utf8', this.#at, to) : ''
    this.#at = from
    if (name === 'audit.record.id') {
      if (isUuid(text)) this.#id = { uuid: text.toLowerCase() }
    } else if (text !== '' && (this.#id === undefined || 'uid' in this.#id))
      this.#id = { uid: text, producer: '' }
  }

  /** What is unset is left out. */
  #members(to: number): boolean {
    for (let i = 0; i < members.length; i++) if (!this.#member(members[i]!, to)) return false
    return true
  }

  #member(tag: number, to: number): boolean {
    this.#at = this.#places[tag]!
    if (this.#at === 0) return true
    switch (tag) {
      case tags.timestamp:
        return this.#time(names.timestamp, to)
      case tags.observed:
        return this.#time(names.observed, to)
      case tags.severityNumber: {
        const number = this.#body[this.#at++]!
        if (number > 24) return false
        return number === 0 || this.#number(names.severityNumber, number)
      }
      case tags.severityText:
        return this.#textMember(names.severityText, to)
      case tags.eventName:
        return this.#textMember(names.eventName, to)
      case tags.body: {
        const stop = this.#lengthEnd(to)
        // An empty value is none.
        if (stop === this.#at) return true
        this.#piece(names.body)
        return this.#value(stop)
      }
      case tags.dropped: {
        const dropped = this.#integer(to)
        if (dropped < 0 || dropped > 0xffff_ffff) return false
        return dropped === 0 || this.#number(names.dropped, dropped)
      }
      case tags.flags: {
        const flags = this.#body.readUInt32LE(this.#at)
        return flags === 0 || this.#number(names.flags, flags)
      }
      case tags.traceId:
        return this.#hex(names.traceId, 16, to)
      default:
        return this.#hex(names.spanId, 8, to)
    }
  }

  /** An AnyValue of the kinds that most are. */
  #value(stop: number): boolean {
    const body = this.#body
    const tag = body[this.#at++]
    switch (tag) {
      case 0x0a:
        return this.#lengthEnd(stop) === stop && this.#text(this.#at, stop)
      case 0x10: {
        const byte = body[this.#at++]
        if (byte !== 0 && byte !== 1) return false
        this.#ascii(byte === 1 ? 'true' : 'false')
        break
      }
      case 0x18: {
        const value = this.#integer(stop)
        if (value < 0) return false
        this.#digits(value)
        break
      }
      case 0x21: {
        if (this.#at + 8 !== stop) return false
        const value = body.readDoubleLE(this.#at)
        if (!Number.isFinite(value)) return false
        this.#at = stop
        this.#ascii(String(value === 0 ? 0 : value))
        break
      }
      default:
        return false
    }
    return this.#at === stop
  }

  #textMember(name: Piece, to: number): boolean {
    const stop = this.#lengthEnd(to)
    if (stop === this.#at) return true
    this.#piece(name)
    return this.#text(this.#at, stop)
  }

  /** The string at `[from, to)` of the body, in quotes. */
  #text(from: number, to: number): boolean {
    const body = this.#body
    const out = this.#out
    let at = this.#to
    let all = 0
    out[at++] = 0x22
    for (let i = from; i < to; i++) {
      const byte = body[i]!
      if (isContent[byte] === 0) return this.#escaped(from, to)
      all |= byte
      out[at++] = byte
    }
    if (all >= 0x80 && !isUtf8(body.subarray(from, to))) return false
    out[at++] = 0x22
    this.#to = at
    this.#at = to
    return true
  }

  #escaped(from: number, to: number): boolean {
    if (!isUtf8(this.#body.subarray(from, to))) return false
    const text = Buffer.from(JSON.stringify(this.#body.toString('utf8', from, to)))
    this.#out.set(text, this.#to)
    this.#to += text.length
    this.#at = to
    return true
  }

  /** Nanoseconds; 0 is unset. */
  #time(name: Piece, to: number): boolean {
    const at = this.#at
    if (at + 8 > to) return false
    this.#at = at + 8
    const low = this.#body.readUInt32LE(at)
    const high = this.#body.readUInt32LE(at + 4)
    if (low === 0 && high === 0) return true
    // Seconds and the rest by long division in 16-bit digits, each step exact.
    const second = (high % billion) * 65_536 + (low >>> 16)
    const third = (second % billion) * 65_536 + (low & 0xffff)
    const seconds =
      Math.floor(high / billion) * 0x1_0000_0000 +
      Math.floor(second / billion) * 65_536 +
      Math.floor(third / billion)
    if (seconds === 0) return false
    this.#piece(name)
    this.#digits(seconds)
    const out = this.#out
    let rest = (third % billion) | 0
    for (let digit = this.#to + 8; digit >= this.#to; digit--) {
      const tenth = (rest / 10) | 0
      out[digit] = 0x30 + rest - tenth * 10
      rest = tenth
    }
    this.#to += 9
    out[this.#to++] = 0x22
    return true
  }

  /** An id of so many bytes; all zeros are unset. */
  #hex(name: Piece, bytes: number, to: number): boolean {
    const stop = this.#lengthEnd(to)
    if (stop === this.#at) return true
    if (stop !== this.#at + bytes) return false
    const body = this.#body
    const out = this.#out
    const start = this.#to
    this.#piece(name)
    let all = 0
    let at = this.#to
    for (let i = this.#at; i < stop; i++) {
      const byte = body[i]!
      all |= byte
      out[at++] = hexDigits[byte >>> 4]!
      out[at++] = hexDigits[byte & 15]!
    }
    out[at++] = 0x22
    this.#at = stop
    this.#to = all === 0 ? start : at
    return true
  }

  #number(name: Piece, value: number): boolean {
    this.#piece(name)
    this.#digits(value)
    return true
  }

  /** An integer from 0. */
  #digits(value: number): void {
    if (value > 0x7fff_ffff) {
      this.#ascii(String(value))
      return
    }
    const out = this.#out
    let length = 1
    for (let rest = value; rest > 9; rest = (rest / 10) | 0) length++
    let rest = value
    for (let at = this.#to + length - 1; at >= this.#to; at--) {
      const tenth = (rest / 10) | 0
      out[at] = 0x30 + rest - tenth * 10
      rest = tenth
    }
    this.#to += length
  }

  #ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.#out[this.#to++] = text.charCodeAt(i)
  }

  #piece({ words, length }: Piece): void {
    const view = this.#view
    let at = this.#to
    for (let i = 0; i < words.length; i++, at += 4) view.setInt32(at, words[i]!, true)
    this.#to += length
  }

  /** Where what is as long as it says here ends; -1 where it would end behind `to`. */
  #lengthEnd(to: number): number {
    const length = this.#varint(to)
    const stop = this.#at + length
    return length < 0 || stop > to ? -1 : stop
  }

  /** At most 28 bits; -1 for any other. */
  #varint(to: number): number {
    const body = this.#body
    let at = this.#at
    let value = 0
    for (let shift = 0; shift < 28 && at < to; shift += 7) {
      const byte = body[at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.#at = at
        return value
      }
    }
    return -1
  }

  /** From 0 to 2^53 - 1; -1 for any other. */
  #integer(to: number): number {
    const body = this.#body
    let at = this.#at
    let value = 0
    for (let weight = 1; weight <= 2 ** 49 && at < to; weight *= 128) {
      const byte = body[at++]!
      value += (byte & 0x7f) * weight
      if (byte < 0x80) {
        this.#at = at
        return Number.isSafeInteger(value) ? value : -1
      }
    }
    return -1
  }

  /** Steps over a field; false for those that LogRecord has none of. */
  #skip(tag: number, to: number): boolean {
    switch (tag) {
      case tags.timestamp:
      case tags.observed:
        this.#at += 8
        break
      case tags.flags:
        this.#at += 4
        break
      case tags.severityNumber:
      case tags.dropped:
        return this.#integer(to) >= 0
      case tags.severityText:
      case tags.eventName:
      case tags.body:
      case tags.attribute:
      case tags.traceId:
      case tags.spanId:
        this.#at = this.#lengthEnd(to)
        break
      default:
        return false
    }
    return this.#at >= 0 && this.#at <= to
  }
}

const billion = 1_000_000_000

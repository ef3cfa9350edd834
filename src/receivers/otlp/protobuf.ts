/**
 * The protobuf wire format, read by hand: varints, lengths, fixed numbers, and skipping what is unknown.
 * https://protobuf.dev/programming-guides/encoding/
 *
 * Invariant: every read is checked against the end of the message it belongs to, and every error says at which
 * byte of the body it happened. Nothing here allocates but strings.
 */
import { isUtf8 } from 'node:buffer'
import { AffiantError } from '../../errors.ts'
import { mostWeight } from '../../event/record-weight.ts'
import { TooManyValues } from './too-many-values.ts'

export const wire = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const

const wireNames = ['varint', '64-bit', 'length-delimited', 'group start', 'group end', '32-bit']

export class ProtobufReader {
  readonly body: Buffer
  /** Offset of the next byte. */
  position: number
  /** Set by each read of a length-delimited string that was not UTF-8; the caller resets it. */
  malformedText = false
  /** Since the caller set it: of one record, one resource or one scope. */
  values = 0
  private windowStart = 0
  private windowEnd = 0
  private window = ''
  private readonly names: (string | undefined)[] = Array.from({ length: knownNames })

  constructor(body: Buffer, position = 0) {
    this.body = body
    this.position = position
  }

  fail(what: string, at = this.position): never {
    throw new AffiantError('bad_request', `invalid protobuf at byte ${at}: ${what}`)
  }

  /** Before each value that becomes something in memory. */
  countValue(): void {
    if (++this.values > mostWeight) throw new TooManyValues(`invalid protobuf at byte ${this.position}`)
  }

  /** A field's number times 8 plus its wire type. */
  tag(end: number): number {
    const at = this.position
    const tag = this.uint32(end)
    const type = tag & 7
    if (tag >>> 3 === 0) this.fail('field number 0', at)
    if (type === wire.groupStart || type === wire.groupEnd) this.fail('a group, which OTLP has none of', at)
    if (type > wire.fixed32) this.fail(`wire type ${type} does not exist`, at)
    return tag
  }

  expect(tag: number, type: number, name: string): void {
    if ((tag & 7) !== type)
      this.fail(`${name} is ${wireNames[type]} on the wire, not ${wireNames[tag & 7]}`, this.position - 1)
  }

  /** The low 32 bits of a varint (of at most 10 bytes). */
  uint32(end: number): number {
    const { body } = this
    let at = this.position
    if (at >= end) this.fail('ends in the middle of a number')
    let byte = body[at++]!
    let value = byte & 0x7f
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (at >= end) this.fail('ends in the middle of a number')
      if (shift > 63) this.fail('a number of more than 10 bytes')
      byte = body[at++]!
      if (shift < 32) value |= (byte & 0x7f) << shift
    }
    this.position = at
    return value >>> 0
  }

  /** A signed 64-bit varint; a bigint only where a number would not be exact. */
  int64(end: number): number | bigint {
    const { body } = this
    const start = this.position
    let low = 0
    let high = 0
    for (let index = 0; ; index++) {
      const at = start + index
      if (at >= end) this.fail('ends in the middle of a number')
      if (index > 9) this.fail('a number of more than 10 bytes', start)
      const byte = body[at]!
      const bits = byte & 0x7f
      if (index < 4) low |= bits << (7 * index)
      else if (index === 4) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (7 * index - 32)
      if (byte < 0x80) {
        this.position = at + 1
        break
      }
    }
    const value = high * 0x1_0000_0000 + (low >>> 0)
    if (Number.isSafeInteger(value)) return value
    return (BigInt(high) << 32n) | BigInt(low >>> 0)
  }

  /** Of more than 32 bits it is told as it is: of its low ones alone, what is corrupt could be an empty message. */
  private length(end: number): number {
    const at = this.position
    const low = this.uint32(end)
    if (this.position - at < 5) return low
    this.position = at
    const whole = this.int64(end)
    return whole < 0 ? Number(BigInt.asUintN(64, BigInt(whole))) : Number(whole)
  }

  /** Reads a length and gives the end of what follows it, within `end`. */
  lengthEnd(end: number): number {
    const at = this.position
    const length = this.length(end)
    const stop = this.position + length
    if (stop > end) this.fail(`a length of ${length} bytes where ${end - this.position} are left`, at)
    return stop
  }

  fixed32(end: number): number {
    const at = this.advance(4, end)
    const { body } = this
    return (body[at]! | (body[at + 1]! << 8) | (body[at + 2]! << 16) | (body[at + 3]! << 24)) >>> 0
  }

  /** An unsigned 64-bit number as a decimal string; `0` is the empty string, which means "not set" in OTLP. */
  fixed64Text(end: number): string {
    const at = this.advance(8, end)
    const low = this.body.readUInt32LE(at)
    const high = this.body.readUInt32LE(at + 4)
    return decimal(high, low)
  }

  double(end: number): number {
    return this.body.readDoubleLE(this.advance(8, end))
  }

  bytesText(end: number, encoding: 'hex' | 'base64'): string {
    const stop = this.lengthEnd(end)
    const text = this.body.toString(encoding, this.position, stop)
    this.position = stop
    return text
  }

  /**
   * Says that what lies between here and `end` will be read next. One conversion of all of it, from which ASCII
   * strings are cut, costs a third of one for each string. (A cut keeps the whole alive: so a record, not a body.)
   */
  openWindow(end: number): void {
    this.windowStart = this.position
    this.windowEnd = end
    this.window = this.body.toString('latin1', this.position, end)
  }

  /** UTF-8 with U+FFFD for what is none; then `malformedText` is set. */
  text(end: number): string {
    return this.textUpTo(this.lengthEnd(end))
  }

  private textUpTo(stop: number): string {
    const { body, position: start, windowStart } = this
    this.position = stop
    let at = start
    while (at < stop && body[at]! < 0x80) at++
    if (at === stop && start >= windowStart && stop <= this.windowEnd) {
      return this.window.substring(start - windowStart, stop - windowStart)
    }
    const text = body.toString('utf8', start, stop)
    // U+FFFD may stand in the input itself: only then is the slower question worth asking.
    if (text.includes('\ufffd') && !isUtf8(body.subarray(start, stop))) this.malformedText = true
    return text
  }

  /** As `text`, for names that come again and again: the same string object, which property access likes. */
  name(end: number): string {
    const stop = this.lengthEnd(end)
    const { body, position: start } = this
    let hash = stop - start
    for (let at = start; at < stop; at++) hash = (Math.imul(hash, 31) + body[at]!) | 0
    const slot = hash & (knownNames - 1)
    const known = this.names[slot]
    if (known !== undefined && sameBytes(known, body, start, stop)) {
      this.position = stop
      return known
    }
    this.position = start
    const text = this.textUpTo(stop)
    if (stop - start <= longestKnownName && !this.malformedText) this.names[slot] = text
    return text
  }

  /** Steps over the value of a field that this version does not know. */
  skip(tag: number, end: number): void {
    switch (tag & 7) {
      case wire.varint:
        this.int64(end)
        return
      case wire.fixed64:
        this.advance(8, end)
        return
      case wire.bytes:
        this.position = this.lengthEnd(end)
        return
      default:
        this.advance(4, end)
    }
  }

  private advance(bytes: number, end: number): number {
    const at = this.position
    if (at + bytes > end) this.fail(`${bytes} bytes expected where ${end - at} are left`)
    this.position = at + bytes
    return at
  }
}

/** Slots of the table of names, a power of two; a later name takes the place of an earlier one. */
const knownNames = 256
const longestKnownName = 64

/** Whether `text` is ASCII and these bytes. */
function sameBytes(text: string, body: Buffer, start: number, stop: number): boolean {
  if (text.length !== stop - start) return false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code !== body[start + index] || code >= 0x80) return false
  }
  return true
}

const billion = 1_000_000_000

/** `high * 2^32 + low` in decimal without a bigint: long division by 10^9 in 16-bit digits, each step exact. */
function decimal(high: number, low: number): string {
  const first = high % billion
  const second = first * 65_536 + (low >>> 16)
  const third = (second % billion) * 65_536 + (low & 0xffff)
  const quotient =
    Math.floor(high / billion) * 0x1_0000_0000 +
    Math.floor(second / billion) * 65_536 +
    Math.floor(third / billion)
  const rest = third % billion
  if (quotient === 0) return rest === 0 ? '' : String(rest)
  return `${quotient}${String(rest).padStart(9, '0')}`
}

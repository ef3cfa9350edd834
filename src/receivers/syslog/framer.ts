/**
 * Messages in the bytes of a connection (RFC 6587): `LENGTH <…`, or up to a newline or NUL, each message as it comes. A number
 * is a length only where a space and `<`, with which every message begins, stand behind it: a line that begins with a number
 * stays a line. Lengths may be wrong (of characters, where bytes are meant): what then follows a message is no beginning of
 * one, and goes on until one is found, so that the messages behind it are not lost in it.
 *
 * Invariants: whatever the bytes, and however they are cut into pieces, the same frames come out; every byte is in a frame, but
 * for lengths, and what ends a line; once all messages are asked for, no more than `maxMessage` bytes are held, and a few.
 */
import { createHash, type Hash } from 'node:crypto'
import type { Frame } from './frame.ts'

const newline = 0x0a
const carriageReturn = 0x0d
const nul = 0x00
const space = 0x20
const less = 0x3c
/** Digits of a length: 10 MB are no message any more, and a connection must not pass by for ever where somebody lies. */
const mostDigits = 7
/** How a message with its length before it begins. */
const counted = /(?<!\d)[1-9]\d{0,6} <\d{1,3}>/

/** Of its own: a part of a piece of no bytes would hold the piece. */
export const nothing: Buffer = Buffer.alloc(0)

/** A message over the limit, of which the head is kept and the rest passes by. */
interface Passing {
  /** Bytes to come; of a line nobody knows. */
  left: number | undefined
  size: number
  readonly head: Buffer
  readonly hash: Hash
}

export class Framer {
  readonly #maxMessage: number
  #rest: Buffer = nothing
  #passing: Passing | undefined
  /** Whether a message with a length was the last that began as one does; and whether nothing stands between it and the next. */
  #isCounting = false
  #isBehind = false

  constructor(maxMessage: number) {
    this.#maxMessage = maxMessage
  }

  /** Bytes that it keeps: of messages that are not whole, and of those that nobody has asked for yet. */
  get held(): number {
    return this.#rest.length + (this.#passing?.head.length ?? 0)
  }

  /**
   * The messages that these bytes complete, `most` at a time: while there may be more, they are asked for without bytes. They
   * are pieces of `bytes` where that is possible.
   */
  push(bytes: Buffer, most = Number.POSITIVE_INFINITY): Frame[] {
    const rest = this.#rest
    const data = rest.length === 0 ? bytes : bytes.length === 0 ? rest : Buffer.concat([rest, bytes])
    const frames: Frame[] = []
    let at = 0
    while (at < data.length && frames.length < most) {
      const next = this.#passing ? this.#pass(this.#passing, data, at, frames) : this.#read(data, at, frames)
      if (next === undefined) {
        // A copy: what else came with it need not be held.
        this.#rest = Buffer.from(data.subarray(at))
        return frames
      }
      at = next
    }
    this.#rest = at === data.length ? nothing : data.subarray(at)
    return frames
  }

  /** What is left when nothing more comes; `isClean` where the sender has said all that it would. */
  end(isClean: boolean): Frame[] {
    const rest = this.#rest
    const passing = this.#passing
    this.#rest = nothing
    this.#passing = undefined
    if (passing) return [{ ...passed(passing), isCut: true }]
    const length = lengthAt(rest, 0)
    if (typeof length === 'object') return [{ bytes: rest.subarray(length.start), isCut: true }]
    if (rest.length === 0) return []
    const isAstray = this.#isBehind && rest[0] !== less
    return [
      {
        bytes: withoutReturn(rest),
        ...(isAstray && { isAstray: true as const }),
        ...(!isClean && { isCut: true as const }),
      },
    ]
  }

  /** Where to go on behind the message that begins at `at`; undefined when more must come first. */
  #read(data: Buffer, at: number, frames: Frame[]): number | undefined {
    if (isEnd(data[at]!) || data[at] === carriageReturn) {
      this.#isBehind = false
      return at + 1
    }
    const length = lengthAt(data, at)
    if (length === 'unknown') return undefined
    if (length) return this.#counted(data, length.start, length.count, frames)
    if (data[at] === less) this.#isCounting = false
    const end = lineEnd(data, at)
    const to = end < 0 ? data.length : end
    const next = this.#isCounting ? this.#nextCounted(data, at, to) : -1
    if (next >= 0) {
      frames.push({ bytes: data.subarray(at, next), isAstray: true })
      return next
    }
    if (to - at > this.#maxMessage) return this.#begin(at, undefined)
    if (end < 0) return undefined
    frames.push({
      bytes: withoutReturn(data.subarray(at, end)),
      ...(this.#isBehind && data[at] !== less && { isAstray: true as const }),
    })
    this.#isBehind = false
    return end + 1
  }

  /** Where in what is no beginning of a message one with a length begins, or -1. Only as far as a message may be long. */
  #nextCounted(data: Buffer, at: number, to: number): number {
    const found = counted.exec(data.toString('latin1', at, Math.min(to, at + this.#maxMessage)))
    return found === null ? -1 : at + found.index
  }

  #counted(data: Buffer, start: number, count: number, frames: Frame[]): number | undefined {
    if (count > this.#maxMessage) return this.#begin(start, count)
    if (data.length - start < count) return undefined
    frames.push({ bytes: data.subarray(start, start + count) })
    this.#isCounting = this.#isBehind = true
    return start + count
  }

  #begin(at: number, left: number | undefined): number {
    this.#passing = { left, size: 0, head: Buffer.alloc(0), hash: createHash('sha256') }
    return at
  }

  #pass(passing: Passing, data: Buffer, at: number, frames: Frame[]): number {
    const { left } = passing
    const end = left === undefined ? lineEnd(data, at) : data.length - at >= left ? at + left : -1
    const to = end < 0 ? data.length : end
    const piece = data.subarray(at, to)
    passing.hash.update(piece)
    const wanted = piece.subarray(0, this.#maxMessage - passing.head.length)
    const head = wanted.length === 0 ? passing.head : Buffer.concat([passing.head, wanted])
    const next = { ...passing, head, size: passing.size + piece.length }
    if (left !== undefined) next.left = left - piece.length
    this.#passing = end < 0 ? next : undefined
    if (end < 0) return to
    frames.push(passed(next))
    this.#isBehind = left !== undefined
    if (left !== undefined) this.#isCounting = true
    return left === undefined ? end + 1 : end
  }
}

const passed = ({ head, size, hash }: Passing): Frame => ({
  bytes: head,
  oversize: { size, sha256: hash.digest('hex') },
})

/** The length that stands at `at`, and where its message starts; 'unknown' while that cannot be told. */
function lengthAt(
  data: Buffer,
  at: number,
): { readonly count: number; readonly start: number } | 'unknown' | undefined {
  let count = 0
  let to = at
  for (; to < data.length && to - at < mostDigits; to++) {
    const digit = data[to]! - 0x30
    if (digit < 0 || digit > 9 || (to === at && digit === 0)) break
    count = 10 * count + digit
  }
  if (to === at) return undefined
  if (to === data.length) return 'unknown'
  if (data[to] !== space) return undefined
  if (to + 1 === data.length) return 'unknown'
  return data[to + 1] === less ? { count, start: to + 1 } : undefined
}

const isEnd = (byte: number) => byte === newline || byte === nul

function lineEnd(data: Buffer, from: number): number {
  const line = data.indexOf(newline, from)
  const zero = (line < 0 ? data : data.subarray(0, line)).indexOf(nul, from)
  return zero < 0 ? line : zero
}

const withoutReturn = (line: Buffer) => (line.at(-1) === carriageReturn ? line.subarray(0, -1) : line)

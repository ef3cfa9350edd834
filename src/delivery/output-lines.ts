/**
 * From committed blocks to output lines: the canonical bytes, with `raw_data` (where kept) and `log` spliced in
 * before the closing brace. This runs for every event and every sink, so it is one of the few clever places:
 *
 *     canonical   {"action":"a",…,"time":"…"}
 *     line        {"action":"a",…,"time":"…","log":{"origin":"…","seq":41,"size":1024}}\n
 *
 * - Everything but the digits of `seq` and `size` is the same for a whole epoch: it is formatted once, and an
 *   event costs one copy of its bytes, one of those, and the digits. No strings, no objects.
 * - A verifier undoes it without parsing: the first `size - 1` bytes and a `}` are the hashed bytes.
 * - Events with raw bytes are rare (unreadable records, or `raw: full`); only they are parsed, for `raw.encoding`.
 * - Lines are written straight into the batch's buffer, so that a sink for one event in a thousand does not keep
 *   a thousand blocks alive. It doubles when needed, so a trickle does not allocate megabytes, and it is used again
 *   once its batch is settled: fresh megabytes cost more than the copying, in page faults and garbage.
 */
import type { CommittedBlock } from '../journal/contract.ts'
import { rawMember } from './raw-member.ts'

/** A position in a block, moving forward only: offsets are sums of the lengths before. */
export class BlockWalk {
  readonly block: CommittedBlock
  index = 0
  payloadAt = 0
  rawAt = 0

  constructor(block: CommittedBlock) {
    this.block = block
  }

  /** Another walk that stands at the same event. */
  fork(): BlockWalk {
    const { index, payloadAt, rawAt } = this
    return Object.assign(new BlockWalk(this.block), { index, payloadAt, rawAt })
  }

  /** Passes events up to, not including, `index`. */
  skipTo(index: number): void {
    const { lengths, rawLengths } = this.block
    while (this.index < index) {
      this.payloadAt += lengths[this.index]! + 1
      this.rawAt += rawLengths[this.index] ?? 0
      this.index++
    }
  }
}

export interface LineLimits {
  readonly maxBytes: number
  readonly maxEvents: number
}

const SIZE = Buffer.from(',"size":')
const CLOSING_BRACE = 0x7d
const NEWLINE = 0x0a
const ZERO = 0x30

export class OutputLines {
  count = 0
  /** Bytes of all lines so far, newlines included. */
  bytes = 0
  /** Set once an event did not fit any more, or the limits are reached. */
  full = false
  readonly #limits: LineLimits
  readonly #prefix: Buffer
  #lines: Buffer
  #lengths: Uint32Array
  #seqs: Float64Array

  /** `lines`: where to begin writing; a larger buffer takes its place when needed. `events`: how many may come. */
  constructor(origin: string, limits: LineLimits, lines: Buffer, events: number) {
    this.#limits = limits
    this.#prefix = Buffer.from(`,"log":{"origin":${JSON.stringify(origin)},"seq":`)
    this.#lines = lines
    this.#lengths = new Uint32Array(Math.max(16, events))
    this.#seqs = new Float64Array(Math.max(16, events))
  }

  /** Appends the events of `walk` up to, not including, `end`, as far as the limits allow; `walk` says how far. */
  append(walk: BlockWalk, end: number): void {
    const { block } = walk
    const { payload, lengths, rawLengths } = block
    const prefix = this.#prefix
    const { maxBytes, maxEvents } = this.#limits
    // Bytes that are the same on every line: `}}` stands for the brace that was cut off.
    const fixed = prefix.length + SIZE.length + 1
    let { index, payloadAt, rawAt } = walk
    let at = this.bytes
    while (index < end) {
      const length = lengths[index]!
      const rawLength = rawLengths[index] ?? 0
      const seq = block.firstSeq + index
      const rawData =
        rawLength === 0
          ? undefined
          : rawMember(
              payload.subarray(payloadAt, payloadAt + length),
              block.raw.subarray(rawAt, rawAt + rawLength),
            )
      const lineLength =
        length + fixed + digits(seq) + digits(length) + (rawData === undefined ? 0 : rawData.length)
      if (this.count > 0 && at + lineLength + 1 > maxBytes) {
        this.full = true
        break
      }
      if (at + lineLength + 1 > this.#lines.length || this.count === this.#lengths.length) {
        this.#grow(at, at + lineLength + 1)
      }
      const lines = this.#lines
      this.#lengths[this.count] = lineLength
      this.#seqs[this.count] = seq

      payload.copy(lines, at, payloadAt, payloadAt + length - 1)
      at += length - 1
      if (rawData !== undefined) at += rawData.copy(lines, at)
      lines.set(prefix, at)
      at = writeDigits(lines, at + prefix.length, seq)
      for (let i = 0; i < SIZE.length; i++) lines[at + i] = SIZE[i]!
      at = writeDigits(lines, at + SIZE.length, length)
      lines[at] = CLOSING_BRACE
      lines[at + 1] = CLOSING_BRACE
      lines[at + 2] = NEWLINE
      at += 3

      this.count++
      index++
      payloadAt += length + 1
      rawAt += rawLength
      if (this.count >= maxEvents || at >= maxBytes) {
        this.full = true
        break
      }
    }
    this.bytes = at
    walk.index = index
    walk.payloadAt = payloadAt
    walk.rawAt = rawAt
  }

  /** Of the events so far. A view that the next ones may leave behind. */
  get seqs(): Float64Array {
    return this.#seqs.subarray(0, this.count)
  }

  /** What was written. Views of the buffers: this object is done with. */
  take(): { lines: Buffer; lengths: Uint32Array; seqs: Float64Array } {
    return {
      lines: this.#lines.subarray(0, this.bytes),
      lengths: this.#lengths.subarray(0, this.count),
      seqs: this.#seqs.subarray(0, this.count),
    }
  }

  #grow(used: number, needed: number): void {
    if (needed > this.#lines.length) {
      const lines = Buffer.allocUnsafeSlow(
        Math.max(needed, Math.min(this.#limits.maxBytes, this.#lines.length * 2)),
      )
      this.#lines.copy(lines, 0, 0, used)
      this.#lines = lines
    }
    if (this.count === this.#lengths.length) {
      const lengths = new Uint32Array(this.count * 2)
      lengths.set(this.#lengths)
      this.#lengths = lengths
      const seqs = new Float64Array(this.count * 2)
      seqs.set(this.#seqs)
      this.#seqs = seqs
    }
  }
}

function digits(value: number): number {
  let count = 1
  for (let limit = 10; value >= limit; limit *= 10) count++
  return count
}

/** Writes `value` in decimal at `at`; returns the offset behind it. */
function writeDigits(target: Buffer, at: number, value: number): number {
  const end = at + digits(value)
  let rest = value
  let position = end
  // Above 2^31 the quotient does not fit an integer register; a few floating-point steps bring it down.
  while (rest > 0x7fff_ffff) {
    const quotient = Math.floor(rest / 10)
    target[--position] = ZERO + (rest - quotient * 10)
    rest = quotient
  }
  let small = rest | 0
  do {
    const quotient = (small / 10) | 0
    target[--position] = ZERO + (small - quotient * 10)
    small = quotient
  } while (position > at)
  return end
}

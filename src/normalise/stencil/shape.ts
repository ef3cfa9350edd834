/**
 * The shape of a line: all of its bytes that are not the content of a string or the digits of a number. Lines of one
 * producer have few shapes, and within one shape every value is found by comparing bytes, without parsing.
 *
 * Only plain lines have a shape: escapes and numbers as RFC 8785 would write them, none in keys, no duplicate keys, not
 * too deep. In such a line a value's bytes are its canonical bytes. Empty strings, `true`, `false` and `null` belong to the shape:
 * to a mapping they are presence, not content. White space between tokens is part of the shape as it stands.
 */

export type SlotPath = readonly (string | number)[]

interface Slot {
  readonly kind: 'string' | 'number'
  readonly path: SlotPath
  /** Bytes between the slot before (or the line's beginning) and this one. */
  readonly literal: Uint8Array
}

export interface Shape {
  readonly slots: readonly Slot[]
  /** Bytes behind the last slot. */
  readonly tail: Uint8Array
  /** Names of the record's own members. */
  readonly members: ReadonlySet<string>
}

const maxSlots = 256
const maxDepth = 32

/** Stops reading a line that has no shape. */
class NotPlain extends Error {}

/** The shape of a line that is a JSON object, or undefined when it is not plain enough to have one. */
export function readShape(bytes: Uint8Array, start: number, end: number): Shape | undefined {
  try {
    return new ShapeReader(bytes, start, end).read()
  } catch (thrown) {
    if (thrown instanceof NotPlain) return undefined
    throw thrown
  }
}

class ShapeReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number
  #literalFrom: number
  readonly #slots: Slot[] = []

  constructor(bytes: Uint8Array, start: number, end: number) {
    // A Buffer's `slice` is a view, and the chunk's memory is used again: what is kept must be a copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = start
    this.#literalFrom = start
    this.#end = end
  }

  read(): Shape {
    this.#blanks()
    this.#expect(0x7b)
    const members = this.#object([])
    this.#blanks()
    if (this.#at !== this.#end) throw new NotPlain()
    return { slots: this.#slots, tail: this.#bytes.slice(this.#literalFrom, this.#end), members }
  }

  #value(path: SlotPath): void {
    if (path.length > maxDepth) throw new NotPlain()
    const byte = this.#bytes[this.#at]
    if (byte === 0x22) this.#string(path)
    else if (byte === 0x7b) {
      this.#at++
      this.#object(path)
    } else if (byte === 0x5b) {
      this.#at++
      this.#array(path)
    } else if (byte === 0x74) this.#word('true')
    else if (byte === 0x66) this.#word('false')
    else if (byte === 0x6e) this.#word('null')
    else {
      const numberEnd = plainNumberEnd(this.#bytes, this.#at, this.#end)
      if (numberEnd < 0) throw new NotPlain()
      this.#slot('number', path, this.#at, numberEnd)
      this.#at = numberEnd
    }
  }

  #object(path: SlotPath): Set<string> {
    const keys = new Set<string>()
    this.#blanks()
    if (this.#take(0x7d)) return keys
    do {
      this.#blanks()
      this.#expect(0x22)
      const from = this.#at
      const to = stringEnd(this.#bytes, from, this.#end)
      if (to < 0) throw new NotPlain()
      const key = Buffer.from(this.#bytes.subarray(from, to)).toString('utf8')
      if (keys.has(key) || key.includes('\\')) throw new NotPlain()
      keys.add(key)
      this.#at = to + 1
      this.#blanks()
      this.#expect(0x3a)
      this.#blanks()
      this.#value([...path, key])
      this.#blanks()
    } while (this.#take(0x2c))
    this.#expect(0x7d)
    return keys
  }

  #array(path: SlotPath): void {
    this.#blanks()
    if (this.#take(0x5d)) return
    let index = 0
    do {
      this.#blanks()
      this.#value([...path, index++])
      this.#blanks()
    } while (this.#take(0x2c))
    this.#expect(0x5d)
  }

  #string(path: SlotPath): void {
    const from = this.#at + 1
    const to = stringEnd(this.#bytes, from, this.#end)
    if (to < 0) throw new NotPlain()
    if (to > from) this.#slot('string', path, from, to)
    this.#at = to + 1
  }

  #slot(kind: Slot['kind'], path: SlotPath, from: number, to: number): void {
    if (this.#slots.length >= maxSlots) throw new NotPlain()
    this.#slots.push({ kind, path, literal: this.#bytes.slice(this.#literalFrom, from) })
    this.#literalFrom = to
  }

  #word(word: string): void {
    for (let i = 0; i < word.length; i++) this.#expect(word.charCodeAt(i))
  }

  #blanks(): void {
    while (this.#at < this.#end) {
      const byte = this.#bytes[this.#at]
      if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return
      this.#at++
    }
  }

  #take(byte: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) return false
    this.#at++
    return true
  }

  #expect(byte: number): void {
    if (!this.#take(byte)) throw new NotPlain()
  }
}

/**
 * Where a string's closing quote is; -1 when it has a control character, an escape that RFC 8785 would write in another
 * way, or no end.
 */
export function stringEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!
    if (byte === 0x22) return at
    if (byte === 0x5c || byte < 0x20) return escapedEnd(bytes, at, end)
  }
  return -1
}

/** The same from the first byte on that is not simply content: apart from it, since most strings have none. */
function escapedEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!
    if (byte === 0x22) return at
    if (byte < 0x20) return -1
    if (byte === 0x5c) {
      const length = escapeLength(bytes, at + 1)
      if (length === 0) return -1
      at += length
    }
  }
  return -1
}

/** Bytes of a canonical escape behind its backslash; 0 for any other. */
function escapeLength(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case 0x22: // "
    case 0x5c:
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 1
    case 0x75: {
      // Control characters that have no letter of their own, in lower case: \u0000 to \u001f.
      if (bytes[at + 1] !== 0x30 || bytes[at + 2] !== 0x30) return 0
      const high = bytes[at + 3]!
      const low = bytes[at + 4]!
      if (high !== 0x30 && high !== 0x31) return 0
      if (!isDigit(low) && !(low >= 0x61 && low <= 0x66)) return 0
      return high === 0x30 && hasLetter.has(low) ? 0 : 5
    }
    default:
      return 0
  }
}

/** Last digits of the codes of \b, \t, \n, \f and \r. */
const hasLetter = new Set([0x38, 0x39, 0x61, 0x63, 0x64])

/** Significant digits that a double always keeps. */
const maxDigits = 15
/** More zeros behind the point, and ECMAScript writes an exponent. */
const maxLeadingZeros = 5

/**
 * Where a number ends that stands there as RFC 8785 writes it: at most 15 digits, no exponent, no zero too many.
 * -1 for any other.
 */
export function plainNumberEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  const negative = bytes[at] === 0x2d
  if (negative) at++
  const whole = at
  while (at < end && isDigit(bytes[at]!)) at++
  const wholeDigits = at - whole
  const zero = wholeDigits === 1 && bytes[whole] === 0x30
  if (wholeDigits === 0 || wholeDigits > maxDigits || (bytes[whole] === 0x30 && !zero)) return -1
  if (at < end && bytes[at] === 0x2e) {
    const fraction = ++at
    while (at < end && isDigit(bytes[at]!)) at++
    const digits = at - fraction
    if (digits === 0 || wholeDigits + digits > maxDigits || bytes[at - 1] === 0x30) return -1
    let zeros = 0
    while (bytes[fraction + zeros] === 0x30) zeros++
    if (zero && zeros > maxLeadingZeros) return -1
  } else if (zero && negative) return -1
  // An exponent, or anything else that makes it another number.
  if (at < end && (bytes[at] === 0x65 || bytes[at] === 0x45 || bytes[at] === 0x2e)) return -1
  return at
}

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39

/**
 * The shape of a line: all of its bytes that are not the content of a string or the digits of a number. Lines of one
 * producer have few shapes, and within one shape every value is found by comparing bytes, without parsing.
 *
 * Only plain lines have a shape: escapes and numbers as RFC 8785 would write them, none in keys, no duplicate keys, not
 * too deep. In such a line a value's bytes are its canonical bytes. Empty strings, `true`, `false` and `null` belong to the shape:
 * to a mapping they are presence, not content. White space between tokens is part of the shape as it stands.
 */
import { nestedStringEnd, plainNumberEnd, stringEnd } from './plain-value.ts'

export type SlotPath = readonly (string | number)[]

export interface Slot<Kind = 'string' | 'number'> {
  readonly kind: Kind
  readonly path: SlotPath
  /** Bytes between the slot before (or the line's beginning) and this one. */
  readonly literal: Uint8Array
}

export interface Shape<Kind = 'string' | 'number'> {
  readonly slots: readonly Slot<Kind>[]
  /** Bytes behind the last slot. */
  readonly tail: Uint8Array
  /** Names of the record's own members. */
  readonly members: ReadonlySet<string>
}

/** `nested`: a string in a text that is JSON itself, where quotes are escaped. */
export type NestedKind = 'string' | 'number' | 'nested'

/** Whether the text at a path is read as JSON. */
type IsNested = (path: SlotPath) => boolean

const maxSlots = 256
const maxDepth = 32

/** Stops reading a line that has no shape. */
class NotPlain extends Error {}

/** The shape of a line that is a JSON object, or undefined when it is not plain enough to have one. */
export function readShape(bytes: Uint8Array, start: number, end: number): Shape | undefined {
  const shape = readNestedShape(bytes, start, end, () => false)
  return shape as Shape | undefined
}

/**
 * The same with texts in it that are JSON themselves, at the paths that are nested: their strings are slots, too. Undefined also where such a text is none.
 */
export function readNestedShape(
  bytes: Uint8Array,
  start: number,
  end: number,
  isNested: IsNested,
): Shape<NestedKind> | undefined {
  try {
    return new ShapeReader(bytes, start, end, isNested).read()
  } catch (thrown) {
    if (thrown instanceof NotPlain) return undefined
    throw thrown
  }
}

const plainQuote = [0x22]
const escapedQuote = [0x5c, 0x22]
/** \n, \r, \t */
const isEscapedBlank = new Set([0x6e, 0x72, 0x74])

class ShapeReader {
  readonly #isNested: IsNested
  /** Within a text that is JSON itself. */
  #within = false
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number
  #literalFrom: number
  readonly #slots: Slot<NestedKind>[] = []

  constructor(bytes: Uint8Array, start: number, end: number, isNested: IsNested) {
    this.#isNested = isNested
    // A Buffer's `slice` is a view, and the chunk's memory is used again: what is kept must be a copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = start
    this.#literalFrom = start
    this.#end = end
  }

  read(): Shape<NestedKind> {
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
    if (byte === this.#quote[0]) this.#string(path)
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
      this.#expectQuote()
      const from = this.#at
      const to = this.#stringEnd(from)
      const key = Buffer.from(this.#bytes.subarray(from, to)).toString('utf8')
      if (keys.has(key) || key.includes('\\')) throw new NotPlain()
      keys.add(key)
      this.#at = to
      this.#expectQuote()
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
    this.#expectQuote()
    const from = this.#at
    const to = this.#stringEnd(from)
    if (to > from && this.#isNested(path)) {
      this.#nested(path)
      return
    }
    if (to > from) this.#slot(this.#within ? 'nested' : 'string', path, from, to)
    this.#at = to
    this.#expectQuote()
  }

  #nested(path: SlotPath): void {
    // A text within such a text has its quotes escaped twice.
    if (this.#within) throw new NotPlain()
    this.#within = true
    this.#blanks()
    const byte = this.#bytes[this.#at]
    if (byte !== 0x7b && byte !== 0x5b) throw new NotPlain()
    this.#value(path)
    this.#blanks()
    this.#within = false
    this.#expect(0x22)
  }

  /** Of the string that begins at `from`: where its closing quote is. */
  #stringEnd(from: number): number {
    const to = (this.#within ? nestedStringEnd : stringEnd)(this.#bytes, from, this.#end)
    if (to < 0) throw new NotPlain()
    return to
  }

  get #quote(): readonly number[] {
    return this.#within ? escapedQuote : plainQuote
  }

  #expectQuote(): void {
    for (const byte of this.#quote) this.#expect(byte)
  }

  #slot(kind: NestedKind, path: SlotPath, from: number, to: number): void {
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
      if (this.#within && byte === 0x5c && isEscapedBlank.has(this.#bytes[this.#at + 1]!)) this.#at++
      else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return
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

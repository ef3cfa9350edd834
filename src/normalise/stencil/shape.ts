/**
 * The shape of a line: all of its bytes that are not the content of a string or the digits of a number. Lines of one
 * producer have few shapes, and within one shape every value is found by comparing bytes, without parsing.
 *
 * Only plain lines have a shape: escapes and numbers as RFC 8785 would write them, none in keys, no duplicate keys, not
 * too deep. In such a line a value's bytes are its canonical bytes. Empty strings, `true`, `false` and `null` belong to the shape:
 * to a mapping they are presence, not content. White space between tokens is part of the shape as it stands.
 */
import { plainNumberEnd, stringEnd } from './plain-value.ts'

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

/** The keys of tables that a value is looked up in, as hashes: a value that is one of them decides by itself. */
import { foldedHash, hashText } from './slot-hash.ts'

export class TableKeys {
  readonly #hashes = new Set<number>()
  /** 1 for a byte that a value must begin with to be looked at: most names begin like no key. */
  readonly #first = new Uint8Array(256)

  constructor() {
    // What an escape stands for, and letters beyond ASCII, are not told by a byte.
    this.#first[0x5c] = 1
    this.#first.fill(1, 0x80)
  }

  get size(): number {
    return this.#hashes.size
  }

  /** One of ASCII, in whichever case: values are compared without regard to it. */
  add(key: string): void {
    const folded = key.toLowerCase()
    this.#hashes.add(hashText(folded))
    for (const text of [folded, folded.toUpperCase()]) this.#first[text.charCodeAt(0)] = 1
    if (key === '') this.#first.fill(1)
  }

  addAll(other: TableKeys): void {
    for (const hash of other.#hashes) this.#hashes.add(hash)
    for (const [byte, is] of other.#first.entries()) this.#first[byte]! |= is
  }

  /** Whether the value may be one of them. */
  mayHave(bytes: Uint8Array, from: number, to: number): boolean {
    if (from < to && this.#first[bytes[from]!] === 0) return false
    const hash = foldedHash(bytes, from, to)
    return hash === -1 || this.#hashes.has(hash)
  }
}

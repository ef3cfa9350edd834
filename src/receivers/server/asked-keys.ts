/** What is asked for before a commit: of each record that may be known again, its key and what was sent under it. */
import {
  hashText,
  hashWords,
  markWords,
  ofChunk,
  type RecordMarks,
  writeHash,
  writeMark,
} from '../../event/record-marks.ts'

export interface Asked {
  /** Hashes as texts; see record-marks.ts. */
  readonly key: string
  readonly content: string
  /**
   * What is to be where another content is known under the key. `refuse`: nothing of it is claimed. `keep`: it is claimed
   * under a key that is made of both, and is known again as that.
   */
  readonly otherwise: 'refuse' | 'keep'
}

const nothing = 0
const keep = 1
const refuse = 2

export class AskedKeys {
  /** As in `RecordMarks`. */
  readonly words: Int32Array
  readonly #otherwise: Uint8Array

  /** @param count of which nothing is asked yet */
  constructor(count: number) {
    this.words = new Int32Array(markWords * count)
    this.#otherwise = new Uint8Array(count)
  }

  static of(list: readonly (Asked | undefined)[]): AskedKeys {
    const asked = new AskedKeys(list.length)
    for (const [index, one] of list.entries()) if (one) asked.set(index, one)
    return asked
  }

  get length(): number {
    return this.#otherwise.length
  }

  set(index: number, { key, content, otherwise }: Asked): void {
    writeMark(this.words, index, key, content)
    this.#otherwise[index] = otherwise === 'keep' ? keep : refuse
  }

  /** The same with `keep`, for a content that stands in 16 bytes. */
  setBytes(index: number, key: string, bytes: Uint8Array, at: number): void {
    const { words } = this
    const to = markWords * index
    writeHash(words, to, key)
    for (let word = 0; word < hashWords; word++) {
      const from = at + 4 * word
      words[to + hashWords + word] =
        bytes[from]! | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24)
    }
    this.#otherwise[index] = keep
  }

  has(index: number): boolean {
    return this.#otherwise[index] !== nothing
  }

  /** Of all that is asked: the first ones of as many records, one behind them of their request. */
  marks(records: number): RecordMarks {
    const indexes = new Int32Array(this.length)
    let count = 0
    const words = this.#isEverything ? this.words : new Int32Array(this.words.length)
    for (let index = 0; index < this.length; index++) {
      if (!this.has(index)) continue
      if (words !== this.words) {
        const from = markWords * index
        words.set(this.words.subarray(from, from + markWords), markWords * count)
      }
      indexes[count++] = index < records ? index : ofChunk
    }
    return { records: indexes.subarray(0, count), words }
  }

  get #isEverything(): boolean {
    return !this.#otherwise.includes(nothing)
  }

  isKept(index: number): boolean {
    return this.#otherwise[index] === keep
  }

  keyAt(index: number): string {
    return hashText(this.words, markWords * index)
  }

  contentAt(index: number): string {
    return hashText(this.words, markWords * index + hashWords)
  }
}

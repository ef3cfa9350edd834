/**
 * What was taken in lately, by its key: the newest marks, within a time and a number of them.
 *
 * A ring of columns, oldest first, and slots to find keys by: some 60 bytes a mark, without an object for each. It grows with
 * what is in it.
 */
import { hashText, hashWords, sameHash, writeHash } from '../../event/record-marks.ts'
import { KeySlots } from './key-slots.ts'

export interface RecentMarksOptions {
  /** Milliseconds after which a mark is forgotten. */
  readonly window: number
  /** Marks kept; the oldest make room. At least 1. */
  readonly most: number
}

/** What is known under a key. */
export interface KnownMark {
  /** As a text; see record-marks.ts. */
  readonly content: string
  /** Of the first event that it became. */
  readonly seq: number
}

const smallest = 1024

export class RecentMarks {
  readonly #window: number
  readonly #most: number
  #capacity: number
  #keys: Int32Array
  #contents: Int32Array
  #seqs: Float64Array
  #times: Float64Array
  #slots: KeySlots
  /** The oldest's place. */
  #head = 0
  #size = 0
  readonly #words = new Int32Array(2 * hashWords)

  constructor({ window, most }: RecentMarksOptions) {
    this.#window = window
    this.#most = most
    this.#capacity = Math.min(smallest, most)
    this.#keys = new Int32Array(hashWords * this.#capacity)
    this.#contents = new Int32Array(hashWords * this.#capacity)
    this.#seqs = new Float64Array(this.#capacity)
    this.#times = new Float64Array(this.#capacity)
    this.#slots = new KeySlots(this.#keys)
  }

  get size(): number {
    return this.#size
  }

  /** @param now milliseconds of `clock.monotonic()`, here and below: a clock that is set makes nobody forget */
  find(key: string, now: number): KnownMark | undefined {
    writeHash(this.#words, 0, key)
    const place = this.placeOf(this.#words, 0, now)
    if (place < 0) return undefined
    return { content: hashText(this.#contents, hashWords * place), seq: this.#seqs[place]! }
  }

  /** Where what is known under the key at `at` of `words` stands, until the next one is added; -1 where nothing is. */
  placeOf(words: Int32Array, at: number, now: number): number {
    const place = this.#slots.find(words, at)
    return place < 0 || this.#times[place]! <= now - this.#window ? -1 : place
  }

  /** Whether the content at `at` of `words` is that of a place. */
  hasContent(place: number, words: Int32Array, at: number): boolean {
    return sameHash(this.#contents, hashWords * place, words, at)
  }

  seqAt(place: number): number {
    return this.#seqs[place]!
  }

  /** One that is known under the same key already is replaced. */
  add(key: string, { content, seq }: KnownMark, now: number): void {
    writeHash(this.#words, 0, key)
    writeHash(this.#words, hashWords, content)
    this.addWords(this.#words, 0, seq, now)
  }

  /** The same by the words of key and content at `at`. */
  addWords(words: Int32Array, at: number, seq: number, now: number): void {
    while (this.#size > 0 && this.#times[this.#head]! <= now - this.#window) this.#forgetOldest()
    if (this.#size === this.#capacity) {
      if (this.#capacity < this.#most) this.#grow()
      else this.#forgetOldest()
    }
    let place = this.#head + this.#size
    if (place >= this.#capacity) place -= this.#capacity
    this.#size++
    for (let word = 0; word < hashWords; word++) {
      this.#keys[hashWords * place + word] = words[at + word]!
      this.#contents[hashWords * place + word] = words[at + hashWords + word]!
    }
    this.#seqs[place] = seq
    this.#times[place] = now
    this.#slots.set(place)
  }

  #forgetOldest(): void {
    const place = this.#head
    this.#head = (this.#head + 1) % this.#capacity
    this.#size--
    this.#slots.delete(place)
  }

  #grow(): void {
    const capacity = Math.min(2 * this.#capacity, this.#most)
    this.#keys = unrolled(new Int32Array(hashWords * capacity), this.#keys, hashWords * this.#head)
    this.#contents = unrolled(new Int32Array(hashWords * capacity), this.#contents, hashWords * this.#head)
    this.#seqs = unrolled(new Float64Array(capacity), this.#seqs, this.#head)
    this.#times = unrolled(new Float64Array(capacity), this.#times, this.#head)
    this.#capacity = capacity
    this.#head = 0
    this.#slots = new KeySlots(this.#keys)
    for (let place = 0; place < this.#size; place++) this.#slots.set(place)
  }
}

/** A full ring, oldest first from the start of `target`. */
function unrolled<T extends Int32Array | Float64Array>(target: T, ring: T, head: number): T {
  target.set(ring.subarray(head))
  target.set(ring.subarray(0, head), ring.length - head)
  return target
}

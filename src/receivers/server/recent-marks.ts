/**
 * What was taken in lately, by its key: the newest marks, within a time and a number of them.
 *
 * A ring of columns, oldest first, and a table of slots that is searched linearly from the key's own place (keys are hashes,
 * so any of their bits will do): some 60 bytes a mark, without an object for each. It grows with what is in it.
 */
export interface RecentMarksOptions {
  /** Milliseconds after which a mark is forgotten. */
  readonly window: number
  /** Marks kept; the oldest make room. At least 1. */
  readonly most: number
}

/** What is known under a key. */
export interface KnownMark {
  /** As in `RecordMark`. */
  readonly content: string
  /** Of the first event that it became. */
  readonly seq: number
}

const smallest = 1024
const free = -1

export class RecentMarks {
  readonly #window: number
  readonly #most: number
  #capacity: number
  /** Four words each. */
  #keys: Int32Array
  #contents: Int32Array
  #seqs: Float64Array
  #times: Float64Array
  /** Places in the columns, or `free`. A power of two, twice the capacity at least. */
  #slots: Int32Array
  /** The oldest's place. */
  #head = 0
  #size = 0
  /** The key that is looked for. */
  readonly #key = new Int32Array(4)

  constructor({ window, most }: RecentMarksOptions) {
    this.#window = window
    this.#most = most
    this.#capacity = Math.min(smallest, most)
    this.#keys = new Int32Array(4 * this.#capacity)
    this.#contents = new Int32Array(4 * this.#capacity)
    this.#seqs = new Float64Array(this.#capacity)
    this.#times = new Float64Array(this.#capacity)
    this.#slots = new Int32Array(slotsFor(this.#capacity)).fill(free)
  }

  get size(): number {
    return this.#size
  }

  /** @param now milliseconds of `clock.monotonic()`, here and below: a clock that is set makes nobody forget */
  find(key: string, now: number): KnownMark | undefined {
    readWords(key, this.#key, 0)
    const place = this.#slots[this.#slotOf(this.#key, 0)]!
    if (place === free || this.#times[place]! <= now - this.#window) return undefined
    return { content: textOf(this.#contents, 4 * place), seq: this.#seqs[place]! }
  }

  /** One that is known under the same key already is replaced. */
  add(key: string, { content, seq }: KnownMark, now: number): void {
    while (this.#size > 0 && this.#times[this.#head]! <= now - this.#window) this.#forgetOldest()
    if (this.#size === this.#capacity) {
      if (this.#capacity < this.#most) this.#grow()
      else this.#forgetOldest()
    }
    const place = (this.#head + this.#size) % this.#capacity
    this.#size++
    readWords(key, this.#keys, 4 * place)
    readWords(content, this.#contents, 4 * place)
    this.#seqs[place] = seq
    this.#times[place] = now
    this.#slots[this.#slotOf(this.#keys, 4 * place)] = place
  }

  /** Where the place of the key stands that lies in `words` from `from` on, or the free slot where it would. */
  #slotOf(words: Int32Array, from: number): number {
    const keys = this.#keys
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = words[from]! & mask
    for (let place = slots[slot]!; place !== free; place = slots[slot]!) {
      const at = 4 * place
      if (
        keys[at] === words[from] &&
        keys[at + 1] === words[from + 1] &&
        keys[at + 2] === words[from + 2] &&
        keys[at + 3] === words[from + 3]
      )
        return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  #forgetOldest(): void {
    const place = this.#head
    this.#head = (this.#head + 1) % this.#capacity
    this.#size--
    const slot = this.#slotOf(this.#keys, 4 * place)
    // A later one may have taken its key over.
    if (this.#slots[slot] === place) this.#free(slot)
  }

  /** What was searched past the slot moves up, so that it is still found. */
  #free(slot: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let gap = slot
    for (let next = (gap + 1) & mask; slots[next] !== free; next = (next + 1) & mask) {
      const wanted = this.#keys[4 * slots[next]!]! & mask
      // Its own place lies behind the gap: it is found without.
      if (((next - wanted) & mask) < ((next - gap) & mask)) continue
      slots[gap] = slots[next]!
      gap = next
    }
    slots[gap] = free
  }

  #grow(): void {
    const capacity = Math.min(2 * this.#capacity, this.#most)
    this.#keys = unrolled(new Int32Array(4 * capacity), this.#keys, 4 * this.#head)
    this.#contents = unrolled(new Int32Array(4 * capacity), this.#contents, 4 * this.#head)
    this.#seqs = unrolled(new Float64Array(capacity), this.#seqs, this.#head)
    this.#times = unrolled(new Float64Array(capacity), this.#times, this.#head)
    this.#capacity = capacity
    this.#head = 0
    this.#slots = new Int32Array(slotsFor(capacity)).fill(free)
    for (let place = 0; place < this.#size; place++) {
      this.#slots[this.#slotOf(this.#keys, 4 * place)] = place
    }
  }
}

/** At most half of them are taken. */
const slotsFor = (capacity: number) => 2 ** Math.ceil(Math.log2(2 * capacity))

/** A full ring, oldest first from the start of `target`. */
function unrolled<T extends Int32Array | Float64Array>(target: T, ring: T, head: number): T {
  target.set(ring.subarray(head))
  target.set(ring.subarray(0, head), ring.length - head)
  return target
}

function readWords(text: string, words: Int32Array, at: number): void {
  for (let word = 0; word < 4; word++) {
    const from = 4 * word
    words[at + word] =
      text.charCodeAt(from) |
      (text.charCodeAt(from + 1) << 8) |
      (text.charCodeAt(from + 2) << 16) |
      (text.charCodeAt(from + 3) << 24)
  }
}

function textOf(words: Int32Array, at: number): string {
  return Buffer.from(words.buffer, words.byteOffset + 4 * at, 16).toString('latin1')
}

/**
 * Finds keys that stand in a column, by a table of slots that is searched linearly from the key's own place: keys are hashes, so
 * any of their bits will do. A slot holds a place in the column.
 */
import { hashWords, sameHash } from '../../event/record-marks.ts'

const free = -1

export class KeySlots {
  /** A power of two; at most half of them are taken. */
  readonly #slots: Int32Array
  /** By place, `hashWords` each. */
  readonly #keys: Int32Array

  constructor(keys: Int32Array) {
    this.#keys = keys
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2((2 * keys.length) / hashWords))).fill(free)
  }

  /** The place of the key that stands at `at` of `words`; -1 where it has none. */
  find(words: Int32Array, at: number): number {
    return this.#slots[this.#slotOf(words, at)]!
  }

  /** The key at this place of the column has it from here on, whichever it had. */
  set(place: number): void {
    this.#slots[this.#slotOf(this.#keys, hashWords * place)] = place
  }

  /** Unless its key has another place by now. */
  delete(place: number): void {
    const slot = this.#slotOf(this.#keys, hashWords * place)
    if (this.#slots[slot] === place) this.#free(slot)
  }

  /** Where the key's place stands, or the free slot where it would. */
  #slotOf(words: Int32Array, at: number): number {
    const slots = this.#slots
    const keys = this.#keys
    const mask = slots.length - 1
    let slot = words[at]! & mask
    for (let place = slots[slot]!; place !== free; place = slots[slot]!) {
      if (sameHash(keys, hashWords * place, words, at)) return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  /** What was searched past the slot moves up, so that it is still found. */
  #free(slot: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let gap = slot
    for (let next = (gap + 1) & mask; slots[next] !== free; next = (next + 1) & mask) {
      const wanted = this.#keys[hashWords * slots[next]!]! & mask
      // Its own place lies behind the gap: it is found without.
      if (((next - wanted) & mask) < ((next - gap) & mask)) continue
      slots[gap] = slots[next]!
      gap = next
    }
    slots[gap] = free
  }
}

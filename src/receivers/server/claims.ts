/** Keys whose first is on its way into the journal: columns, and places in them that are used again. */
import { hashWords } from '../../event/record-marks.ts'
import { KeySlots } from './key-slots.ts'

const smallest = 1024

export class Claims<By> {
  #capacity = smallest
  #keys = new Int32Array(hashWords * smallest)
  #slots = new KeySlots(this.#keys)
  /** By place: whose it is, and which of what he asked for. */
  readonly #by: (By | undefined)[] = []
  #indexes = new Int32Array(smallest)
  /** Places that nobody has; behind the highest one that somebody has, none has been used. */
  readonly #free: number[] = []
  #used = 0

  /** Where the key at `at` of `words` stands; -1 where nobody has it. */
  placeOf(words: Int32Array, at: number): number {
    return this.#slots.find(words, at)
  }

  by(place: number): By {
    return this.#by[place]!
  }

  indexAt(place: number): number {
    return this.#indexes[place]!
  }

  /** Of a key that nobody has; returns its place. */
  add(words: Int32Array, at: number, by: By, index: number): number {
    const place = this.#free.pop() ?? this.#used++
    if (place === this.#capacity) this.#grow()
    for (let word = 0; word < hashWords; word++) this.#keys[hashWords * place + word] = words[at + word]!
    this.#by[place] = by
    this.#indexes[place] = index
    this.#slots.set(place)
    return place
  }

  delete(place: number): void {
    this.#slots.delete(place)
    this.#by[place] = undefined
    this.#free.push(place)
  }

  /** Every place is taken. */
  #grow(): void {
    const places = this.#capacity
    this.#capacity *= 2
    const keys = new Int32Array(hashWords * this.#capacity)
    keys.set(this.#keys)
    const indexes = new Int32Array(this.#capacity)
    indexes.set(this.#indexes)
    this.#keys = keys
    this.#indexes = indexes
    this.#slots = new KeySlots(keys)
    for (let place = 0; place < places; place++) this.#slots.set(place)
  }
}

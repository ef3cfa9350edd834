/**
 * Places on the way through a stream, each with the sum of everything before it: how far another file, or what is left of
 * this one, holds what was read is known as exactly as these lie close. The denser the nearer to the end.
 */

/** Two numbers each: 1 KiB of memory for a file. */
const most = 64

export interface Place {
  readonly offset: number
  /** CRC-32 of everything before it. */
  readonly sum: number
}

export class Trail {
  /** Offset and sum, ascending. Grows with what is read: most files never need all of it. */
  #numbers = new Float64Array(0)
  #count = 0

  get places(): readonly Place[] {
    return Array.from({ length: this.#count }, (_, index) => this.#at(index))
  }

  /** Must lie behind all others; one that does not is left out. */
  add(offset: number, sum: number): void {
    if (this.#count > 0 && this.#numbers[2 * this.#count - 2]! >= offset) return
    if (this.#count === most) this.#drop(offset)
    if (2 * this.#count === this.#numbers.length) {
      const larger = new Float64Array(Math.min(2 * most, 2 * this.#numbers.length + 8))
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers[2 * this.#count] = offset
    this.#numbers[2 * this.#count + 1] = sum
    this.#count += 1
  }

  /** The last one that is not behind `offset`. */
  upTo(offset: number): Place | undefined {
    for (let index = this.#count - 1; index >= 0; index -= 1) {
      if (this.#numbers[2 * index]! <= offset) return this.#at(index)
    }
    return undefined
  }

  /** Forgets what lies at or behind `offset`. */
  cut(offset: number): void {
    while (this.#count > 0 && this.#numbers[2 * this.#count - 2]! >= offset) this.#count -= 1
  }

  #at(index: number): Place {
    return { offset: this.#numbers[2 * index]!, sum: this.#numbers[2 * index + 1]! }
  }

  /** Of the one whose going leaves the smallest hole for its age. */
  #drop(end: number): void {
    let drop = 0
    let least = Number.POSITIVE_INFINITY
    for (let index = 0; index < this.#count - 1; index += 1) {
      const before = index === 0 ? 0 : this.#numbers[2 * index - 2]!
      const ratio = (this.#numbers[2 * index + 2]! - before) / (end - this.#numbers[2 * index]! + 1)
      if (ratio < least) {
        least = ratio
        drop = index
      }
    }
    this.#numbers.copyWithin(2 * drop, 2 * drop + 2, 2 * this.#count)
    this.#count -= 1
  }
}

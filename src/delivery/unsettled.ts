/**
 * Which of the events that go to a sink it has not settled, at one moment. Batches settle in any order, so that is not all
 * above the settled prefix: it is what is in batches that are filled or under way, and all that the loop has not come to.
 * Both are known without reading the journal, and small: what settled between them need not be remembered.
 */
import { indexOf } from './remainder.ts'

export class Unsettled {
  /** Everything below is settled. */
  readonly settled: number
  /** Nothing from there on has been looked at. */
  readonly #position: number
  /** Ascending; below `#position`. */
  readonly #seqs: Float64Array

  constructor(settled: number, position: number, batches: Iterable<Float64Array>) {
    this.settled = settled
    this.#position = position
    const parts = [...batches]
    this.#seqs = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of parts) {
      this.#seqs.set(part, at)
      at += part.length
    }
    this.#seqs.sort()
  }

  /** Of an event that goes to the sink. */
  has(seq: number): boolean {
    return seq >= this.#position || this.#seqs[indexOf(this.#seqs, seq)] === seq
  }
}

/**
 * Ids of one channel, as Splunk counts them: from 0 or 1 on, each once, though answers may overtake each other. One that
 * comes a second time was given by another process.
 */

/** Ids that are still awaited, at most; more of them is no counting. */
const MOST_MISSING = 10_000

export class DenseIds {
  #next = 0
  /** Below `#next`, not come yet. */
  #missing = new Set<number>()

  /** False where it has come before. */
  take(id: number): boolean {
    if (id < this.#next) return this.#missing.delete(id)
    if (id - this.#next + this.#missing.size > MOST_MISSING) this.#missing = new Set()
    else for (let missing = this.#next; missing < id; missing++) this.#missing.add(missing)
    this.#next = id + 1
    return true
  }
}

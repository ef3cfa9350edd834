/**
 * How many batches may be under way: as many as the destination bears. Additive increase while it answers as fast as
 * ever, multiplicative decrease when it says that it has too much to do, does not answer, or answers ever more slowly.
 */
import type { Outcome } from '../sinks/sink.ts'

export interface ConcurrencyLimits {
  readonly min: number
  readonly max: number
}

/** Where the search begins: a cautious few. */
const FIRST = 4
/** Answers that take this much longer than the fastest ones, and this many milliseconds, say: too many at once. */
const SLOWER = 3
const NOTICEABLE = 100

export class AdaptiveConcurrency {
  readonly max: number
  readonly #min: number
  #limit: number
  /** Until the first setback every answer adds one, so that the limit doubles with each round. */
  #eager = true
  #fastest = Number.POSITIVE_INFINITY
  /** What began before the last decrease says nothing about the new limit. `clock.monotonic`. */
  #decreased = Number.NEGATIVE_INFINITY

  constructor({ min, max }: ConcurrencyLimits) {
    this.#min = min
    this.max = max
    this.#limit = Math.min(max, Math.max(min, FIRST))
  }

  get limit(): number {
    return Math.floor(this.#limit)
  }

  /** One attempt ended. `begun`, `ended`: `clock.monotonic`. `busy`: as many were under way as may be. */
  note(outcome: Outcome, begun: number, ended: number, busy: boolean): void {
    if (outcome.kind === 'later') {
      this.#decrease(begun, ended, 0.5)
      return
    }
    if (outcome.kind !== 'accepted') return
    const took = ended - begun
    const slow = took > this.#fastest * SLOWER && took > this.#fastest + NOTICEABLE
    // As few as may be, and still slow: that is how fast it is now.
    this.#fastest = this.limit === this.#min ? took : Math.min(this.#fastest, took)
    // A limit that is not reached has not been tried.
    if (!busy) return
    if (slow) this.#decrease(begun, ended, 0.9)
    else this.#limit = Math.min(this.max, this.#limit + (this.#eager ? 1 : 1 / this.#limit))
  }

  #decrease(begun: number, ended: number, factor: number): void {
    this.#eager = false
    if (begun < this.#decreased) return
    this.#decreased = ended
    this.#limit = Math.max(this.#min, this.#limit * factor)
  }
}

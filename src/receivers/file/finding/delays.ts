/** Things that are to happen a while later, each once, with one timer for all: 10,000 of them wait as cheaply as one. */
import type { Clock } from '../../../clock.ts'

export class Delays<Item> {
  readonly #due = new Map<Item, number>()
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #over: (item: Item) => void
  /** Monotonic milliseconds of the timer that counts. */
  #next = Number.POSITIVE_INFINITY

  /** `over` is called with each item when its time has come, and not any more once the signal has aborted. */
  constructor(options: { clock: Clock; signal: AbortSignal; over: (item: Item) => void }) {
    this.#clock = options.clock
    this.#signal = options.signal
    this.#over = options.over
  }

  has(item: Item): boolean {
    return this.#due.has(item)
  }

  /** `due`: monotonic milliseconds. */
  add(item: Item, due: number): void {
    this.#due.set(item, due)
    if (due < this.#next) this.#sleepUntil(due)
  }

  #sleepUntil(due: number): void {
    this.#next = due
    this.#clock.sleep(Math.max(0, due - this.#clock.monotonic()), this.#signal).then(
      () => this.#wakeUp(due),
      () => {},
    )
  }

  #wakeUp(due: number): void {
    // An earlier one has come in between, and sleeps on for the rest.
    if (due !== this.#next) return
    const now = this.#clock.monotonic()
    const over: Item[] = []
    let next = Number.POSITIVE_INFINITY
    for (const [item, time] of this.#due) {
      // A timer may be a fraction of a millisecond early.
      if (time <= now + 1) over.push(item)
      else next = Math.min(next, time)
    }
    this.#next = Number.POSITIVE_INFINITY
    if (next < this.#next) this.#sleepUntil(next)
    for (const item of over) {
      this.#due.delete(item)
      this.#over(item)
    }
  }
}

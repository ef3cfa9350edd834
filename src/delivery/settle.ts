/**
 * Batches finish in any order; a cursor moves only over what is settled without a gap. Invariants: ranges are
 * opened in seq order and touch each other; `settled` is the end of the longest prefix of settled ranges.
 */

export interface OpenRange {
  readonly to: number
  /** When its first event was written to the journal, unix milliseconds. */
  readonly since: number
  settled: boolean
}

export class SettledPrefix {
  settled: number
  /** Where the next range begins. */
  end: number
  #open: OpenRange[] = []

  constructor(start: number) {
    this.settled = start
    this.end = start
  }

  /** Opens `[end, to)`. */
  open(to: number, since: number): OpenRange {
    const range: OpenRange = { to, since, settled: false }
    this.#open.push(range)
    this.end = to
    return range
  }

  /** True when the prefix grew. */
  settle(range: OpenRange): boolean {
    range.settled = true
    let moved = 0
    while (this.#open[moved]?.settled) moved++
    if (moved === 0) return false
    this.settled = this.#open[moved - 1]!.to
    this.#open.splice(0, moved)
    return true
  }

  /** The oldest unsettled range's time, unix milliseconds. */
  get since(): number | undefined {
    return this.#open[0]?.since
  }
}

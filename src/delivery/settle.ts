/**
 * Batches finish in any order; a cursor moves only over what is settled without a gap. Invariants: ranges are opened in
 * the order of their first seqs; `settled` is the first seq of the oldest open range, or how far the reader has got.
 * Events that go elsewhere settle by being passed.
 */

export interface OpenRange {
  /** Its first seq. What else it holds lies above, and may be strewn among the events of other ranges. */
  readonly from: number
  /** When that event was written to the journal, unix milliseconds. */
  readonly since: number
}

export class SettledPrefix {
  settled: number
  #position: number
  readonly #open: OpenRange[] = []

  constructor(start: number) {
    this.settled = start
    this.#position = start
  }

  /** Opens a range; `from` is at or above that of every range before. */
  open(from: number, since: number): OpenRange {
    const range: OpenRange = { from, since }
    this.#open.push(range)
    return range
  }

  /** Everything below `position` has been looked at: it is in an open range, settled, or goes elsewhere. */
  advance(position: number): boolean {
    this.#position = Math.max(this.#position, position)
    return this.#move()
  }

  /** True when the prefix grew. */
  settle(range: OpenRange): boolean {
    const index = this.#open.indexOf(range)
    if (index < 0) return false
    this.#open.splice(index, 1)
    return index === 0 && this.#move()
  }

  /** The oldest unsettled range's time, unix milliseconds. */
  get since(): number | undefined {
    return this.#open[0]?.since
  }

  #move(): boolean {
    const settled = this.#open[0]?.from ?? this.#position
    if (settled <= this.settled) return false
    this.settled = settled
    return true
  }
}

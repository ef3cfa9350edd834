/** How many events of one sink were found unsettled, and in which ranges, as they come by in seq order. */

export interface SeqRange {
  /** Both included. Whatever lies between and goes to the sink belongs to it. */
  readonly firstSeq: number
  lastSeq: number
}

export interface UnsettledEvents {
  readonly events: number
  readonly ranges: readonly SeqRange[]
}

/** Batches that settled among others that did not are few: so many ranges are told apart, the rest is one. */
const mostRanges = 100

export class SeqTally implements UnsettledEvents {
  events = 0
  readonly ranges: SeqRange[] = []
  /** The event before was unsettled. */
  #isOpen = false

  /** The next event that goes to the sink. */
  note(seq: number, isUnsettled: boolean): void {
    if (isUnsettled) {
      this.events++
      const last = this.ranges.at(-1)
      if (last && (this.#isOpen || this.ranges.length === mostRanges)) last.lastSeq = seq
      else this.ranges.push({ firstSeq: seq, lastSeq: seq })
    }
    this.#isOpen = isUnsettled
  }
}

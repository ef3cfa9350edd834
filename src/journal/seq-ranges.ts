/** Sets of seqs as ranges: few, however many seqs there are. */

type Range = readonly [first: number, next: number]

export class SeqRanges {
  /** Ascending, with gaps between them. */
  #ranges: Range[] = []

  /** `[first, next)` of each. */
  list(): readonly Range[] {
    return this.#ranges
  }

  add(first: number, next: number): void {
    if (next <= first) return
    const before = this.#ranges.filter(([, end]) => end < first)
    const after = this.#ranges.filter(([start]) => start > next)
    const touched = this.#ranges.slice(before.length, this.#ranges.length - after.length)
    const start = Math.min(first, touched[0]?.[0] ?? first)
    const end = Math.max(next, touched.at(-1)?.[1] ?? next)
    this.#ranges = [...before, [start, end], ...after]
  }

  remove(first: number, next: number): void {
    this.#ranges = this.#ranges.flatMap(([start, end]): Range[] => {
      const parts: Range[] = [
        [start, Math.min(end, first)],
        [Math.max(start, next), end],
      ]
      return parts.filter(([from, to]) => to > from)
    })
  }

  /** What of `[first, next)` is in the set. */
  within(first: number, next: number): Range[] {
    return this.#ranges
      .map(([start, end]): Range => [Math.max(start, first), Math.min(end, next)])
      .filter(([start, end]) => end > start)
  }

  /** What of `[first, next)` is not. */
  missing(first: number, next: number): Range[] {
    const rest = new SeqRanges()
    rest.add(first, next)
    for (const [start, end] of this.#ranges) rest.remove(start, end)
    return [...rest.list()]
  }
}

/**
 * Where in a stream its events lie in the journal: pairs of a seq and a byte offset, few enough that ten thousand
 * streams cost little. What a mark says is exact; between two marks the lower one is the answer, so that nothing
 * counts as settled that is not.
 */

/** A mark: everything of the stream below `offset` has become events below `seq`. */
export class StreamMarks {
  /** At most this many marks a stream. */
  static readonly limit = 64
  readonly #seqs: number[] = []
  readonly #offsets: number[] = []

  get size(): number {
    return this.#seqs.length
  }

  /** The offset of the last mark; 0 before there is one. */
  get last(): number {
    return this.#offsets.at(-1) ?? 0
  }

  /** The seq of the last mark; 0 before there is one. */
  get end(): number {
    return this.#seqs.at(-1) ?? 0
  }

  /** `settled` is asked when it gets tight: below it no mark but the last is needed any more. */
  add(seq: number, offset: number, settled: () => number): void {
    // Read from the start again: what was known of the offsets before says nothing now.
    if (offset < this.last) this.#clear()
    if (this.#seqs.at(-1) === seq) {
      this.#offsets[this.#offsets.length - 1] = offset
      return
    }
    if (this.#seqs.length >= StreamMarks.limit) this.#thin(settled())
    this.#seqs.push(seq)
    this.#offsets.push(offset)
  }

  /** The largest offset below which everything became events below `seq`; null when that is before what is known. */
  at(seq: number): number | null {
    const index = this.#seqs.findLastIndex((mark) => mark <= seq)
    return index < 0 ? null : this.#offsets[index]!
  }

  #thin(settled: number): void {
    const needed = Math.max(
      0,
      this.#seqs.findLastIndex((mark) => mark <= settled),
    )
    this.#seqs.splice(0, needed)
    this.#offsets.splice(0, needed)
    if (this.#seqs.length <= StreamMarks.limit / 2) return
    // Every other one, never the first and never the last: the ends are what answers are made of.
    const last = this.#seqs.length - 1
    let kept = 0
    for (let index = 0; index <= last; index++) {
      if (index % 2 === 1 && index !== last) continue
      this.#seqs[kept] = this.#seqs[index]!
      this.#offsets[kept] = this.#offsets[index]!
      kept++
    }
    this.#seqs.length = kept
    this.#offsets.length = kept
  }

  #clear(): void {
    this.#seqs.length = 0
    this.#offsets.length = 0
  }
}

/** What of a batch is not settled yet: all of it at first, then without the parts that were accepted or became dead letters. */

export class Remainder {
  /** Of the batch, ascending. */
  readonly #all: Float64Array
  /** By index; made when a part settles before the rest, which few batches see. */
  #settled: Uint8Array | undefined

  constructor(seqs: Float64Array) {
    this.#all = seqs
  }

  settle(seqs: Iterable<number>): void {
    this.#settled ??= new Uint8Array(this.#all.length)
    for (const seq of seqs) this.#settled[indexOf(this.#all, seq)] = 1
  }

  /** Ascending. */
  get seqs(): Float64Array {
    const settled = this.#settled
    return settled === undefined ? this.#all : this.#all.filter((_, index) => settled[index] === 0)
  }
}

/** Where `seq` is, or would be, among ascending `seqs`. */
export function indexOf(seqs: Float64Array, seq: number): number {
  let low = 0
  let high = seqs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (seqs[middle]! < seq) low = middle + 1
    else high = middle
  }
  return low
}

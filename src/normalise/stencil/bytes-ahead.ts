/**
 * Whether any of some bytes is in a line: where the next ones are is remembered, so that a chunk is searched once, and
 * not line by line.
 */
export class BytesAhead {
  readonly #wanted: readonly number[]
  readonly #next: number[]
  #bytes: Buffer | undefined
  /** What was asked last ended here. */
  #end = 0

  /** @param wanted ASCII */
  constructor(wanted: string) {
    this.#wanted = [...Buffer.from(wanted)]
    this.#next = this.#wanted.map(() => 0)
  }

  areIn(bytes: Buffer, start: number, end: number): boolean {
    // The same bytes may be other ones by now, unless they are farther on.
    const isAhead = bytes === this.#bytes && start >= this.#end
    this.#bytes = bytes
    this.#end = end
    let found = false
    for (let i = 0; i < this.#wanted.length; i++) {
      if (!isAhead || this.#next[i]! < start) {
        const at = bytes.indexOf(this.#wanted[i]!, start)
        this.#next[i] = at < 0 ? bytes.length : at
      }
      if (this.#next[i]! < end) found = true
    }
    return found
  }
}

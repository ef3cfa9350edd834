/** A stretch of a stream's bytes, held in the pieces that they came in: grows at its end, is let go of at its start. */
export class KeptBytes {
  #pieces: Buffer[] = []
  #from = 0
  #to = 0

  /** Position of the first byte held. */
  get from(): number {
    return this.#from
  }

  /** Position behind the last. */
  get to(): number {
    return this.#to
  }

  /** Holds nothing, and goes on at `position`. */
  reset(position: number): void {
    this.#pieces = []
    this.#from = position
    this.#to = position
  }

  /** The bytes are kept as they are, not copied. */
  append(bytes: Buffer): void {
    if (bytes.length > 0) this.#pieces.push(bytes)
    this.#to += bytes.length
  }

  /** Lets go of what lies before `position`; of everything when that is beyond the end. */
  dropBefore(position: number): void {
    let pieces = 0
    for (const piece of this.#pieces) {
      if (this.#from + piece.length > position) break
      this.#from += piece.length
      pieces += 1
    }
    this.#pieces.splice(0, pieces)
    const [first] = this.#pieces
    if (!first || position <= this.#from) return
    this.#pieces[0] = first.subarray(position - this.#from)
    this.#from = position
  }

  /** Fills `into` from `position` on, as far as there are bytes; returns how many. */
  copy(into: Uint8Array, position: number): number {
    let filled = 0
    let start = this.#from
    for (const piece of this.#pieces) {
      const skip = position + filled - start
      if (filled === into.length) break
      if (skip < piece.length) filled += piece.copy(into, filled, skip)
      start += piece.length
    }
    return filled
  }
}

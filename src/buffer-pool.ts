/** Large buffers that are done with, used again. Small ones are left to the garbage collector: they cost it nothing. */

const SMALLEST = 64 * 1024

export class BufferPool {
  readonly #kept: Buffer[] = []
  readonly #limit: number
  readonly #largest: number

  /** Keeps at most `limit` buffers, none above `largest` bytes: one huge event must not stay for ever. */
  constructor(limit: number, largest: number) {
    this.#limit = limit
    this.#largest = largest
  }

  /** A buffer of at least `bytes`, with anything in it. */
  take(bytes: number): Buffer {
    const index = bytes < SMALLEST ? -1 : this.#kept.findIndex((buffer) => buffer.length >= bytes)
    if (index >= 0) return this.#kept.splice(index, 1)[0]!
    return Buffer.allocUnsafeSlow(Math.max(1024, bytes))
  }

  /** Gives back what `take` gave, or a view of it that begins where it begins. Nobody may use it any more. */
  give(view: Buffer): void {
    const { byteLength } = view.buffer
    if (byteLength < SMALLEST || byteLength > this.#largest || this.#kept.length >= this.#limit) return
    this.#kept.push(Buffer.from(view.buffer))
  }
}

/**
 * What files are read into. A buffer that a chunk's lines lie in travels with the chunk and comes back when that is
 * committed, so that reading at full speed neither copies nor allocates.
 */
export class ChunkBuffers {
  /** Bytes of each. */
  readonly size: number
  readonly #most: number
  readonly #kept: Buffer<ArrayBuffer>[] = []

  /** Keeps at most `most` that nobody uses. */
  constructor(size: number, most: number) {
    this.size = size
    this.#most = most
  }

  take(): Buffer<ArrayBuffer> {
    return this.#kept.pop() ?? Buffer.allocUnsafeSlow(this.size)
  }

  /** Gives back what `take` gave. Nobody may use it any more. */
  give(buffer: Buffer<ArrayBuffer>): void {
    if (this.#kept.length < this.#most) this.#kept.push(buffer)
  }
}

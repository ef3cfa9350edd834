/** What bodies are put together in. */
import { SizedPool } from '../../sized-pool.ts'

/** Kept for the next bodies, of all receivers together; larger bodies have memory of their own. */
const limits = { most: 8 * 1024 * 1024, largest: 2 * 1024 * 1024 }

export class BodyMemory {
  readonly #pool = new SizedPool(limits)

  /** The chunks in one. */
  join(chunks: readonly Buffer[], length: number): Buffer<ArrayBuffer> {
    const whole = this.#pool.take(length)
    let at = 0
    for (const chunk of chunks) {
      whole.set(chunk, at)
      at += chunk.length
    }
    return whole.subarray(0, length)
  }

  /** Takes back what `join` gave: nobody may use it any more. */
  give(whole: Buffer<ArrayBuffer>): void {
    this.#pool.give(whole)
  }
}

/** Frees a chunk's memory at once, where it is the chunk's alone. Nobody may use it any more. */
export function free(chunk: Buffer): void {
  const { buffer } = chunk
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0)
}

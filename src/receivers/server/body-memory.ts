/**
 * What bodies are put together in, used again: memory outside of JavaScript's heap counts towards its limits, and what is
 * thrown away with each request makes the garbage collector look through all of the heap a few times a second.
 */

/** Bytes that are kept for the next bodies, of all receivers together; larger bodies have memory of their own. */
const most = 8 * 1024 * 1024
const largest = 2 * 1024 * 1024
const smallest = 64 * 1024

export class BodyMemory {
  /** By size, a power of two. */
  readonly #kept = new Map<number, Buffer<ArrayBuffer>[]>()
  #bytes = 0

  /** The chunks in one. */
  join(chunks: readonly Buffer[], length: number): Buffer<ArrayBuffer> {
    const whole = this.#take(length)
    let at = 0
    for (const chunk of chunks) {
      whole.set(chunk, at)
      at += chunk.length
    }
    return whole.subarray(0, length)
  }

  /** Takes back what `join` gave: nobody may use it any more. */
  give({ buffer }: Buffer<ArrayBuffer>): void {
    const size = buffer.byteLength
    if (size < smallest || size > largest || size !== sizeFor(size)) return
    // Who sends has changed: what is there is of no use.
    if (this.#bytes + size > most) {
      this.#kept.clear()
      this.#bytes = 0
    }
    const same = this.#kept.get(size)
    if (same) same.push(Buffer.from(buffer))
    else this.#kept.set(size, [Buffer.from(buffer)])
    this.#bytes += size
  }

  #take(length: number): Buffer<ArrayBuffer> {
    if (length < smallest || length > largest) return Buffer.from(new ArrayBuffer(length))
    const size = sizeFor(length)
    const kept = this.#kept.get(size)?.pop()
    if (kept === undefined) return Buffer.from(new ArrayBuffer(size))
    this.#bytes -= size
    return kept
  }
}

const sizeFor = (length: number) => 2 ** Math.ceil(Math.log2(length))

/** Frees a chunk's memory at once, where it is the chunk's alone. Nobody may use it any more. */
export function free(chunk: Buffer): void {
  const { buffer } = chunk
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0)
}

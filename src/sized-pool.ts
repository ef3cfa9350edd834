/**
 * Buffers of all sizes that are done with, used again: memory outside of JavaScript's heap counts towards its limits, and
 * what is thrown away makes the garbage collector look through all of the heap a few times a second. Small ones are left
 * to it, and so are huge ones, which must not stay for ever.
 */
const smallest = 64 * 1024

export class SizedPool {
  /** By size: of those a few that are close to what is wanted, so that no buffer is much larger than what it holds. */
  readonly #kept = new Map<number, Buffer<ArrayBuffer>[]>()
  readonly #most: number
  readonly #largest: number
  #bytes = 0

  /** Keeps at most `most` bytes, in buffers of at most `largest` bytes each. */
  constructor({ most, largest }: { readonly most: number; readonly largest: number }) {
    this.#most = most
    this.#largest = largest
  }

  /** A buffer of at least `length` bytes, and at most a quarter more, with anything in it. */
  take(length: number): Buffer<ArrayBuffer> {
    if (!this.#isKept(length)) return own(length)
    const size = sizeFor(length)
    const kept = this.#kept.get(size)?.pop()
    if (kept === undefined) return own(size)
    this.#bytes -= size
    return kept
  }

  /** Gives back what `take` gave, or a view of it. Nobody may use it any more. */
  give({ buffer }: Buffer): void {
    const size = buffer.byteLength
    if (!(buffer instanceof ArrayBuffer) || !this.#isKept(size) || size !== sizeFor(size)) return
    // What is wanted has changed: what is there is of no use.
    if (this.#bytes + size > this.#most) {
      this.#kept.clear()
      this.#bytes = 0
    }
    const same = this.#kept.get(size)
    if (same) same.push(Buffer.from(buffer))
    else this.#kept.set(size, [Buffer.from(buffer)])
    this.#bytes += size
  }

  #isKept(length: number): boolean {
    return length >= smallest && length <= this.#largest
  }
}

const own = (length: number): Buffer<ArrayBuffer> => Buffer.from(new ArrayBuffer(length))

/** The next multiple of a quarter of the power of two below. */
function sizeFor(length: number): number {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(length)) - 2)
  return Math.ceil(length / step) * step
}

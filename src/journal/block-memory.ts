/**
 * Memory that blocks on disk are read into. It is written again once nobody holds it; who never lets go of it leaves it
 * to the garbage collector, so that forgetting costs time and nothing else.
 */
import { BufferPool } from '../buffer-pool.ts'

/** So many buffers are kept, none above so many bytes: what a few readers have in use, and no more. */
const kept = 4
const largest = 2 * 1024 ** 2

export class BlockMemory {
  readonly bytes: Buffer
  readonly #pool: BufferPool
  #holders = 1

  constructor(bytes: Buffer, pool: BufferPool) {
    this.bytes = bytes
    this.#pool = pool
  }

  hold(): this {
    this.#holders++
    return this
  }

  /** Once for each `hold`, and once for whoever took it. */
  release(): void {
    this.#holders--
    if (this.#holders === 0) this.#pool.give(this.bytes)
  }
}

/** Of all readers of one journal. */
export class BlockMemories {
  readonly #pool = new BufferPool(kept, largest)

  /** At least `length` bytes, with anything in them. */
  take(length: number): BlockMemory {
    return new BlockMemory(this.#pool.take(length), this.#pool)
  }
}

/** Memory that blocks on disk are read into. */
import { BufferPool } from '../buffer-pool.ts'
import { HeldMemory } from '../held-memory.ts'

/** So many buffers are kept, none above so many bytes: what a few readers have in use, and no more. */
const kept = 4
const largest = 2 * 1024 ** 2

/** Of all readers of one journal. */
export class BlockMemories {
  readonly #pool = new BufferPool(kept, largest)

  /** At least `length` bytes, with anything in them. */
  take(length: number): HeldMemory {
    return new HeldMemory(this.#pool.take(length), this.#pool)
  }
}

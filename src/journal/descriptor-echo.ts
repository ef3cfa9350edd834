/**
 * A stream's descriptor is said by the block that opens it and nowhere else in that segment. The next block of the
 * stream says it again, so that no single damaged block makes the journal forget how far the stream was read.
 */
import type { StreamUpdate } from '../event/batch.ts'

export class DescriptorEcho {
  /** Said once so far. */
  readonly #once = new Map<string, Uint8Array>()

  /** The update as it is written. Called in the order of appending. */
  add(update: StreamUpdate): StreamUpdate {
    const { stream, descriptor } = update
    if (descriptor) {
      this.#once.set(stream, descriptor)
      return update
    }
    const said = this.#once.get(stream)
    // Without a position it would move the stream nowhere.
    if (!said || !update.position) return update
    this.#once.delete(stream)
    return { ...update, descriptor: said }
  }

  /** A block was refused: what it said was not said. */
  undo({ stream, descriptor }: StreamUpdate): void {
    if (descriptor) this.#once.set(stream, descriptor)
  }

  forget(stream: string): void {
    this.#once.delete(stream)
  }
}

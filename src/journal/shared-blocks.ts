/**
 * Blocks from disk that one reader has opened and others are still to come by: read, checked, decrypted and decompressed
 * once, where readers go along beside each other. Bounded in bytes; a reader that is too far from the others reads for
 * itself, so that none waits for another's destination, nor keeps anything in memory by being slow.
 */
import type { HeldMemory, Share } from '../held-memory.ts'
import type { CommittedBlock } from './contract.ts'
import type { Segment } from './segment.ts'

export interface OpenedBlock {
  readonly block: CommittedBlock
  readonly segment: Segment
  /** File offset behind the block. */
  readonly end: number
  /** What the block lies in; undefined where it has memory of its own. */
  readonly memory: HeldMemory | undefined
}

interface Place {
  readonly position: number
}

interface Kept {
  readonly opened: OpenedBlock
  readonly share: Share | undefined
  /** How many readers are still to come by. */
  awaited: number
}

/** Objects and typed arrays of one block, roughly. */
const overhead = 1024

const sizeOf = ({ payload, raw, lengths, rawLengths, routes }: CommittedBlock): number =>
  overhead + payload.length + raw.length + lengths.byteLength + rawLengths.byteLength + routes.byteLength

export class SharedBlocks {
  readonly #maxBytes: number
  readonly #readers = new Set<Place>()
  /** By first seq, the one that was added first in front. */
  readonly #kept = new Map<number, Kept>()
  readonly #coming = new Map<number, Promise<void>>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  join(reader: Place): void {
    this.#readers.add(reader)
  }

  leave(reader: Place): void {
    this.#readers.delete(reader)
    if (this.#readers.size < 2) for (const seq of this.#kept.keys()) this.#drop(seq)
  }

  /** The block that begins with `seq`, if it is kept, with the caller's share of its memory. */
  take(seq: number): (OpenedBlock & { readonly share: Share | undefined }) | undefined {
    const kept = this.#kept.get(seq)
    if (kept === undefined) return undefined
    const { opened } = kept
    const share = opened.memory?.hold()
    kept.awaited--
    if (kept.awaited <= 0) this.#drop(seq)
    return { ...opened, share }
  }

  /** Resolves when the reader that opens what is at `seq` is done with it, well or not. */
  coming(seq: number): Promise<void> | undefined {
    return this.#coming.get(seq)
  }

  /** Whoever comes to `seq` from now on waits until the function that is returned has been called. */
  announce(seq: number): () => void {
    if (this.#readers.size < 2) return () => undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#coming.set(seq, promise)
    return () => {
      this.#coming.delete(seq)
      resolve()
    }
  }

  /** `by` has opened this. */
  add(opened: OpenedBlock, by: Place): void {
    const { block, memory } = opened
    let awaited = 0
    for (const reader of this.#readers) if (reader !== by && reader.position <= block.firstSeq) awaited++
    const bytes = sizeOf(block)
    if (awaited === 0 || bytes > this.#maxBytes) return
    this.#drop(block.firstSeq)
    this.#kept.set(block.firstSeq, { opened, share: memory?.hold(), awaited })
    this.#bytes += bytes
    for (const seq of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      this.#drop(seq)
    }
  }

  #drop(seq: number): void {
    const kept = this.#kept.get(seq)
    if (kept === undefined) return
    this.#kept.delete(seq)
    this.#bytes -= sizeOf(kept.opened.block)
    kept.share?.release()
  }
}

/** The last committed blocks, in memory, so that sinks at the head never wait for the disk. Bounded in bytes. */
import type { EncodedBatch } from '../event/batch.ts'
import type { HeldMemory, Share } from '../held-memory.ts'
import type { CommittedBlock } from './contract.ts'
import type { Segment } from './segment.ts'

export interface RecentBlock {
  readonly block: CommittedBlock
  readonly segment: Segment
  /** File offset behind the block. */
  readonly end: number
  /** What its events lie in; undefined where they have memory of their own. */
  readonly memory: HeldMemory | undefined
}

interface Kept extends RecentBlock {
  readonly share: Share | undefined
}

/** Objects and typed arrays of one block, roughly: what counts when blocks are tiny. */
const overhead = 1024

const sizeOf = ({ payload, raw, lengths, rawLengths, routes }: CommittedBlock): number =>
  overhead +
  payload.buffer.byteLength +
  (raw.buffer === payload.buffer ? 0 : raw.buffer.byteLength) +
  lengths.byteLength +
  rawLengths.byteLength +
  routes.byteLength

export class RecentBlocks {
  readonly #maxBytes: number
  readonly #blocks: Kept[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(recent: RecentBlock): void {
    this.#blocks.push({ ...recent, share: recent.memory?.hold() })
    this.#bytes += sizeOf(recent.block)
    while (this.#bytes > this.#maxBytes) {
      const { block, share } = this.#blocks.shift()!
      this.#bytes -= sizeOf(block)
      share?.release()
    }
  }

  /** The block that holds `seq`, if it is kept. */
  find(seq: number): RecentBlock | null {
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >> 1
      const { block } = this.#blocks[middle]!
      if (block.firstSeq + block.count <= seq) low = middle + 1
      else high = middle
    }
    const found = this.#blocks[low]
    return found && found.block.firstSeq <= seq ? found : null
  }
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** A batch as readers see it. Shares its memory. */
export function committedBlock(
  { payload, raw, count, lengths, rawLengths, routes, routeWords, observedMin, observedMax }: EncodedBatch,
  known: Pick<CommittedBlock, 'epoch' | 'routeTable' | 'firstSeq' | 'stream' | 'writtenTime'>,
): CommittedBlock {
  return {
    ...known,
    count,
    payload: bufferOf(payload),
    lengths,
    raw: bufferOf(raw),
    rawLengths,
    routes,
    routeWords,
    observedMin,
    observedMax,
  }
}

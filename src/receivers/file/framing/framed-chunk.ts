/** Finished records on their way out, in chunks that each carry the position behind them. */
import type { StreamPosition } from '../../../event/batch.ts'
import type { RecordFrames } from '../../../event/record.ts'
import type { PendingRecord } from './pending-record.ts'

export interface FramedChunk {
  readonly bytes: Buffer<ArrayBuffer>
  /** One record where `oversize` is set; none where only the position moves. */
  readonly frames: RecordFrames
  readonly oversize?: { readonly size: number; readonly sha256: string }
  /** Where the stream stands once this is committed. */
  readonly position: StreamPosition
}

/** A record that is whole. */
export type FinishedRecord = Pick<
  PendingRecord,
  'offset' | 'length' | 'container' | 'warnings' | 'oversize' | 'text'
>

const newline = Buffer.of(0x0a)

/** Records of one chunk. Their texts are copied once, when the chunk is made. */
export class ChunkOfRecords {
  readonly #records: FinishedRecord[] = []
  readonly #texts: Buffer[] = []

  get count(): number {
    return this.#records.length
  }

  add(record: FinishedRecord): void {
    this.#records.push(record)
    // Apart from each other, so that no broken character of one joins the next.
    this.#texts.push(record.text(), newline)
  }

  /** @param oversize of the one record that it holds */
  finish(position: StreamPosition, oversize?: FramedChunk['oversize']): FramedChunk {
    const joined = Buffer.concat(this.#texts)
    const bytes = Buffer.allocUnsafeSlow(oversize ? joined.length - 1 : joined.length)
    joined.copy(bytes)
    return { bytes, frames: this.#frames(), position, ...(oversize && { oversize }) }
  }

  #frames(): RecordFrames {
    const starts: number[] = []
    const ends: number[] = []
    let at = 0
    for (let i = 0; i < this.#texts.length; i += 2) {
      starts.push(at)
      at += this.#texts[i]!.length
      ends.push(at)
      at += 1
    }
    const records = this.#records
    const containers = records.map(({ container }) => container)
    const warned = records.some(({ warnings }) => warnings !== undefined)
    return {
      starts,
      ends,
      offsets: records.map(({ offset }) => offset),
      lengths: records.map(({ length }) => length),
      ...(containers.some((one) => one !== undefined) && { containers }),
      ...(warned && { warnings: records.map(({ warnings }) => warnings) }),
    }
  }
}

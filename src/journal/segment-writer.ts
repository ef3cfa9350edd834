/** The segment that is being written: blocks in, one sync a group. */
import { randomBytes } from 'node:crypto'
import { crc32c } from '@node-rs/crc32'
import type { EncodedBatch, StreamUpdate } from '../event/batch.ts'
import { type BlockKind, blockAlignment, blockLength, encodeBlock } from './block.ts'
import type { FileSystem, OpenFile } from './fs-port.ts'
import type { LiveStreams } from './live-streams.ts'
import { type Segment, segmentOf } from './segment.ts'
import { encodeSegmentHeader, type SegmentHeader, segmentVersion, snapshotStart } from './segment-header.ts'
import type { SpareFile } from './spare.ts'

export interface BlockToWrite {
  readonly batch: EncodedBatch
  readonly update: StreamUpdate
  readonly kind: BlockKind
}

/** Below this, copying a group into one buffer is cheaper than handing the kernel a list. */
const copyBelow = 64 * 1024

const align = (length: number): number => Math.ceil(length / blockAlignment) * blockAlignment

/** Bytes that a segment takes before its first block. */
export function segmentOverhead(streams: LiveStreams): number {
  return align(snapshotStart + streams.encode().byteLength)
}

export class SegmentWriter {
  readonly segment: Segment
  readonly #file: OpenFile
  readonly #fs: FileSystem
  #group = 0
  /** File offset behind the last block written, synced or not. */
  #written: number

  private constructor(fs: FileSystem, file: OpenFile, segment: Segment) {
    this.#fs = fs
    this.#file = file
    this.segment = segment
    this.#written = segment.end
  }

  /** Turns a preallocated file into a segment, durable under its name before this resolves. */
  static async create(
    fs: FileSystem,
    directory: string,
    spare: SpareFile,
    streams: LiveStreams,
    known: Omit<SegmentHeader, 'version' | 'incarnation' | 'snapshotLength' | 'snapshotCrc' | 'dataStart'>,
  ): Promise<SegmentWriter> {
    try {
      const snapshot = streams.encode()
      const dataStart = align(snapshotStart + snapshot.byteLength)
      const header: SegmentHeader = {
        ...known,
        version: segmentVersion,
        incarnation: randomBytes(16),
        snapshotLength: snapshot.byteLength,
        snapshotCrc: crc32c(snapshot),
        dataStart,
      }
      const segment = segmentOf(directory, header, dataStart, spare.size)
      await spare.file.write([encodeSegmentHeader(header), snapshot], 0)
      await spare.file.sync()
      await fs.rename(spare.path, segment.path)
      await fs.syncDirectory(directory)
      return new SegmentWriter(fs, spare.file, segment)
    } catch (error) {
      await spare.file.close().catch(() => {})
      throw error
    }
  }

  /** Bytes left for blocks. */
  get room(): number {
    return this.segment.size - this.segment.end
  }

  get isEmpty(): boolean {
    return this.segment.end === this.segment.header.dataStart
  }

  /**
   * Writes the blocks and syncs once. The segment's `end` moves only when all of that worked; after an error this
   * writer must not be used again, since pages of the file may be gone.
   */
  async commit(
    blocks: readonly BlockToWrite[],
    state: { readonly firstSeq: number; readonly writtenTime: number },
  ): Promise<void> {
    const { segment } = this
    const durableEnd = segment.header.base + segment.end
    this.#group++
    let seq = state.firstSeq
    const parts: Uint8Array[] = []
    for (const { batch, update, kind } of blocks) {
      const encoded = encodeBlock(batch, update, {
        incarnation: segment.header.incarnation,
        kind,
        firstSeq: seq,
        group: this.#group,
        durableEnd,
        durableSeq: state.firstSeq,
        writtenTime: state.writtenTime,
      })
      for (const part of encoded) parts.push(part)
      seq += batch.count
    }
    const length = parts.reduce((sum, part) => sum + part.byteLength, 0)
    await this.#file.write(length < copyBelow ? [Buffer.concat(parts, length)] : parts, this.#written)
    await this.#file.sync()
    this.#written += length
    segment.end = this.#written
  }

  /** Gives back what was preallocated and not used. Nothing is written to the segment after this. */
  async seal(): Promise<void> {
    const { segment } = this
    await this.#file.truncate(segment.end)
    segment.size = segment.end
    await this.#file.close()
  }

  /** Leaves the file as it is: after a failure, nothing more is asked of it. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {})
  }

  /** For a segment without blocks that another one has replaced. */
  async discard(): Promise<void> {
    await this.abandon()
    this.segment.removed = true
    await this.#fs.remove(this.segment.path)
  }

  static lengthOf(block: BlockToWrite): number {
    return blockLength(block.batch, block.update)
  }
}

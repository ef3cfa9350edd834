/** The segment that is being written: blocks in, one sync a group. */
import { randomBytes } from 'node:crypto'
import { crc32c } from '@node-rs/crc32'
import { type BlockKind, blockAlignment, incarnationLength } from './block.ts'
import { type BlockContent, blockLength, encodeBlock } from './block-encode.ts'
import type { FileSystem, OpenFile } from './fs-port.ts'
import type { KeyRing } from './key-ring.ts'
import type { LiveStreams } from './live-streams.ts'
import { type Segment, segmentOf, snapshotAssociated } from './segment.ts'
import { sealLength } from './segment-cipher.ts'
import {
  encodeSegmentHeader,
  pageLength,
  type SegmentHeader,
  segmentVersion,
  snapshotStart,
} from './segment-header.ts'
import type { SpareFile } from './spare.ts'

export interface BlockToWrite extends BlockContent {
  readonly kind: BlockKind
  /** Whether its segment will be. */
  readonly encrypted: boolean
}

/** Below this, copying a group into one buffer is cheaper than handing the kernel a list. */
const copyBelow = 64 * 1024

const zeroPage = Buffer.alloc(pageLength)

/**
 * What is behind `end` on its page, which is zeros already: a page that is written whole need not be read first, and the page
 * cache does not have it (preallocate.ts).
 */
function restOfPage(end: number, size: number): Buffer[] {
  const rest = Math.min((pageLength - (end % pageLength)) % pageLength, size - end)
  return rest > 0 ? [zeroPage.subarray(0, rest)] : []
}

const align = (length: number): number => Math.ceil(length / blockAlignment) * blockAlignment

/** Bytes that a segment takes before its first block, at most. */
export function segmentOverhead(streams: LiveStreams): number {
  return align(snapshotStart + streams.encode().byteLength + sealLength)
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
    keys: KeyRing,
    known: Omit<
      SegmentHeader,
      'version' | 'incarnation' | 'snapshotLength' | 'snapshotCrc' | 'dataStart' | 'keyId' | 'wrappedKey'
    >,
  ): Promise<SegmentWriter> {
    let path = spare.path
    try {
      const incarnation = randomBytes(incarnationLength)
      const { cipher, ...key } = keys.create(incarnation)
      const plain = streams.encode()
      const snapshot = cipher ? cipher.sealed(plain, snapshotAssociated(incarnation)) : plain
      const dataStart = align(snapshotStart + snapshot.byteLength)
      const header: SegmentHeader = {
        ...known,
        ...key,
        version: segmentVersion,
        incarnation,
        snapshotLength: snapshot.byteLength,
        snapshotCrc: crc32c(snapshot),
        dataStart,
      }
      const segment = segmentOf(directory, header, cipher, dataStart, spare.size)
      const behind = restOfPage(snapshotStart + snapshot.byteLength, spare.size)
      await spare.file.write([encodeSegmentHeader(header), snapshot, ...behind], 0)
      await spare.file.sync()
      await fs.rename(spare.path, segment.path)
      path = segment.path
      await fs.syncDirectory(directory)
      return new SegmentWriter(fs, spare.file, segment)
    } catch (error) {
      await spare.file.close().catch(() => {})
      // Tried again every second: what is left behind each time would fill the disk.
      await fs.remove(path).catch(() => {})
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
    for (const block of blocks) {
      const encoded = encodeBlock(block, {
        incarnation: segment.header.incarnation,
        kind: block.kind,
        firstSeq: seq,
        group: this.#group,
        durableEnd,
        durableSeq: state.firstSeq,
        writtenTime: state.writtenTime,
        cipher: segment.cipher,
      })
      for (const part of encoded) parts.push(part)
      seq += block.batch.count
    }
    const length = parts.reduce((sum, part) => sum + part.byteLength, 0)
    parts.push(...restOfPage(this.#written + length, segment.size))
    await this.#file.write(length < copyBelow ? [Buffer.concat(parts)] : parts, this.#written)
    await this.#file.sync()
    this.#written += length
    segment.end = this.#written
  }

  /** Asks the disk for an answer, where nothing is to be written. After an error as after one of `commit`. */
  sync(): Promise<void> {
    return this.#file.sync()
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
    return blockLength(block, block.encrypted)
  }
}

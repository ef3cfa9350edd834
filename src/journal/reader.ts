/**
 * Committed blocks in seq order: from memory at the head, behind it from disk or from another reader that was there just
 * now. One block is in memory at a time, and nothing that was handed out is used again before it is released.
 */
import { AffiantError, systemCode } from '../errors.ts'
import type { Share } from '../held-memory.ts'
import { decodeBody } from './block-decode.ts'
import type { BlockMemories } from './block-memory.ts'
import { BlockScanner, type Scanned } from './block-scanner.ts'
import type { CommittedBlock, JournalReader } from './contract.ts'
import type { FileSystem, OpenFile } from './fs-port.ts'
import type { RecentBlocks } from './recent-blocks.ts'
import type { Segment } from './segment.ts'
import type { SegmentSet } from './segment-set.ts'
import type { OpenedBlock, SharedBlocks } from './shared-blocks.ts'
import type { Waiters } from './waiters.ts'

export interface FoundDamage {
  readonly segment: Segment
  /** File offsets; both the same where no bytes are left: a segment that followed is gone, or this one was cut. */
  readonly offset: number
  readonly end: number
  readonly firstSeq: number
  readonly lastSeq: number
}

/** What a reader reads from: a journal that is being written, or one that is only looked at. */
export interface ReaderSource {
  readonly fs: FileSystem
  readonly segments: SegmentSet
  /** Nothing at or above is visible. */
  readonly durableSeq: number
  readonly recent: RecentBlocks | null
  /** Of readers that go along beside each other. */
  readonly shared?: SharedBlocks
  readonly memories?: BlockMemories
  readonly committed: Waiters
  readonly closed: boolean
  /** Called for damaged bytes below the durable end, each time they are met. */
  damaged(damage: FoundDamage): Promise<void>
}

export class BlockReader implements JournalReader {
  readonly #source: ReaderSource
  #position: number
  #segment: Segment | null = null
  /** File offset in `#segment` up to which blocks were returned from memory. */
  #offset = 0
  #file: OpenFile | null = null
  #scanner: BlockScanner | null = null
  /** The seq behind the last header that was read on disk: where damage that follows begins. */
  #behind = 0
  #unplaced: { readonly segment: Segment; readonly offset: number; readonly end: number } | null = null
  /** Of what the block lies in that was returned last. */
  #held: Share | undefined
  #disposed = false

  constructor(source: ReaderSource, seq: number) {
    this.#source = source
    this.#position = Math.max(seq, source.segments.firstSeq)
    source.shared?.join(this)
  }

  get position(): number {
    return this.#position
  }

  async next(): Promise<CommittedBlock | null> {
    while (this.#position < this.#source.durableSeq) {
      this.#checkOpen()
      const recent = this.#source.recent?.find(this.#position)
      if (recent) {
        // Before anything is awaited: meanwhile it may be too old to be kept.
        const share = recent.memory?.hold()
        await this.#leaveDisk()
        this.#unplaced = null
        this.#segment = recent.segment
        this.#offset = recent.end
        this.#position = recent.block.firstSeq + recent.block.count
        this.#held = share
        return recent.block
      }
      const { shared } = this.#source
      const opened = shared?.take(this.#position)
      if (opened) return await this.#nextShared(opened, opened.share)
      const coming = shared?.coming(this.#position)
      if (coming) {
        await coming
        continue
      }
      const done = shared?.announce(this.#position)
      try {
        const block = await this.#nextFromDisk()
        if (block) return block
      } catch (error) {
        // The scanner may be past what could not be read: the next try begins where this one did.
        await this.#leaveDisk().catch(() => {})
        this.#unplaced = null
        throw error
      } finally {
        done?.()
      }
    }
    return null
  }

  release(): void {
    this.#held?.release()
    this.#held = undefined
  }

  async waitForMore(signal: AbortSignal): Promise<void> {
    while (this.#position >= this.#source.durableSeq) {
      this.#checkOpen()
      await this.#source.committed.wait(signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    this.#source.shared?.leave(this)
    await this.#leaveDisk()
  }

  #checkOpen(): void {
    if (this.#disposed || this.#source.closed)
      throw new AffiantError('journal_closed', 'the journal is closed')
  }

  /** Where another reader found a block, this one finds the next. */
  async #nextShared({ block, segment, end }: OpenedBlock, share: Share | undefined): Promise<CommittedBlock> {
    if (this.#scanner && this.#segment === segment) this.#scanner.offset = end
    else await this.#leaveDisk()
    this.#unplaced = null
    this.#segment = segment
    this.#offset = end
    this.#position = block.firstSeq + block.count
    this.#behind = this.#position
    this.#held = share
    return block
  }

  /** A block, or null when the caller has to look again. */
  async #nextFromDisk(): Promise<CommittedBlock | null> {
    const scanner = this.#scanner ?? (await this.#openSegment())
    const segment = this.#segment
    if (!scanner || !segment) return null
    // Before the end is looked at: what is committed meanwhile lies behind it.
    const { durableSeq } = this.#source
    const scanned = await scanner.next(segment.end, this.#position)
    if (!scanned) {
      await this.#nextSegment(segment, durableSeq)
      return null
    }
    if (scanned.kind === 'skipped') {
      // Damage before it was below this reader's seq too.
      this.#unplaced = null
      this.#behind = scanned.header.firstSeq + scanned.header.count
      return null
    }
    if (scanned.kind === 'damaged') {
      await this.#passDamage(segment, scanned)
      return null
    }
    const { header, body } = scanned
    await this.#placeDamage(header.firstSeq)
    this.#position = header.firstSeq + header.count
    this.#behind = this.#position
    if (header.count === 0) return null
    const block = decodeBody(header, body, segment.header)
    const { memory } = scanned
    this.#source.shared?.add({ block, segment, end: scanner.offset, memory }, this)
    this.#held = memory?.hold()
    return block
  }

  async #openSegment(): Promise<BlockScanner | null> {
    const { fs, segments } = this.#source
    const known = this.#segment && !this.#segment.removed ? this.#segment : null
    const segment = known ?? segments.holding(this.#position)
    if (!segment) throw new AffiantError('journal_closed', 'the journal has no segments')
    const offset = known && this.#offset > 0 ? this.#offset : segment.header.dataStart
    this.#position = Math.max(this.#position, segments.firstSeq)
    this.#segment = segment
    this.#behind = offset === segment.header.dataStart ? segment.header.firstSeq : this.#position
    let file: OpenFile
    try {
      file = await fs.open(segment.path, 'read')
    } catch (error) {
      // It expired between two looks.
      this.#segment = null
      if (segment.removed && systemCode(error) === 'ENOENT') return null
      throw error
    }
    if (this.#disposed) {
      // Whoever did that meanwhile has found no file to close.
      await file.close()
      this.#checkOpen()
    }
    this.#file = file
    this.#scanner = new BlockScanner(file, segment, offset, this.#source.memories)
    return this.#scanner
  }

  async #nextSegment(segment: Segment, durableSeq: number): Promise<void> {
    const next = this.#source.segments.after(segment)
    // Nothing behind it and still below the durable seq: what was there is damaged to its end.
    const seq = next ? next.header.firstSeq : durableSeq
    this.#unplaced ??= { segment, offset: segment.end, end: segment.end }
    await this.#placeDamage(seq)
    this.#position = Math.max(this.#position, seq)
    await this.#leaveDisk()
    this.#segment = next
    this.#offset = 0
  }

  async #passDamage(segment: Segment, damaged: Extract<Scanned, { kind: 'damaged' }>): Promise<void> {
    const { offset, end, header } = damaged
    if (!header) {
      this.#unplaced = { segment, offset, end }
      return
    }
    await this.#placeDamage(header.firstSeq)
    const nextSeq = header.firstSeq + header.count
    await this.#report({ segment, offset, end, firstSeq: header.firstSeq, lastSeq: nextSeq - 1 })
    this.#position = Math.max(this.#position, nextSeq)
    this.#behind = nextSeq
  }

  /** `seq` is the first good one behind damaged bytes: now it is known what they held. */
  async #placeDamage(seq: number): Promise<void> {
    const unplaced = this.#unplaced
    this.#unplaced = null
    if (unplaced) await this.#report({ ...unplaced, firstSeq: this.#behind, lastSeq: seq - 1 })
  }

  async #report(damage: FoundDamage): Promise<void> {
    if (damage.lastSeq >= damage.firstSeq) await this.#source.damaged(damage)
  }

  async #leaveDisk(): Promise<void> {
    const file = this.#file
    this.#file = null
    this.#scanner?.release()
    this.#scanner = null
    await file?.close()
  }
}

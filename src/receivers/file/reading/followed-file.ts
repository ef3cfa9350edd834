/**
 * One file being read: an open descriptor, whatever its name has become, and the stream that its content is. What it does
 * when it is its turn is in file-turns.ts.
 */
import type { BigIntStats } from 'node:fs'
import type { StreamPosition } from '../../../event/batch.ts'
import type { PodFacts, StreamContext } from '../../../event/record.ts'
import type { FileContext } from '../file-context.ts'
import type { HeadHash } from '../identity/descriptor.ts'
import { contentOf } from '../identity/relatives.ts'
import { isUntouched } from '../identity/same-content.ts'
import { GzipSource } from '../source/gzip-source.ts'
import type { ChunkBuffers } from './chunk-buffers.ts'
import { FileTurns, type Turn } from './file-turns.ts'
import type { FoundFile } from './found-file.ts'
import { Growth } from './growth.ts'
import { HandingOn } from './handing-on.ts'
import { LastWrite } from './last-write.ts'
import { LineReader } from './line-reader.ts'
import type { Outgoing } from './outgoing.ts'

/** It may be a copy of another file, and is not read until that is known. */
export interface Hold {
  readonly original: FollowedFile
  /** Monotonic milliseconds; begins anew when it grows. */
  readonly since: number
  readonly size: bigint
  /** It stays so for as long as its original is there: of a file and what a rotation made of it one is read. */
  readonly lasting: boolean
}

export class FollowedFile {
  found: FoundFile
  readonly lines: LineReader
  readonly handing: HandingOn
  readonly growth: Growth
  /** The name people know it by: it matches the patterns. */
  path: string
  /** Where it is now; null when it has no name that we can tell. */
  location: string | null
  stream: StreamContext | null = null
  head: HeadHash = { length: 0, sha256: '' }
  /** Which of the generations with this device, inode and head. */
  generation = 0
  /** The generation before a truncation. */
  previous: { readonly head: HeadHash; readonly generation: number } | null = null
  held: Hold | null = null
  /** It was found to be another one's copy, and is about to be read as that. */
  reserved = false
  /** Unix milliseconds. When this generation was first met, be it before a restart. */
  since: number
  /** Unix milliseconds. When its first line was looked at, and it became a stream. */
  readSince = Number.POSITIVE_INFINITY
  /** It was met before its first line was complete: generations may have gone meanwhile. */
  metEmpty = false
  /** Whether any did between that it was met and that its first line was looked at has been asked. */
  looked = false
  /** Begin behind what is there, should this turn out to be a new stream. */
  startAtEnd: boolean
  /** Begin there: what is before was read as another stream. */
  startAt = 0
  /** Where a stream known from before a restart went on. */
  resumedAt: number | null = null
  descriptorChanged = false
  /** A rotation or deletion took its name away. */
  displaced = false
  truncated = false
  /** The inode is another file's than it was before the restart. */
  replaced = false
  /** Nobody looked before it was truncated: the agent was not running. */
  unseen = false
  /** A copy, or complete: nothing is added to it, so that an unfinished last line is a record. */
  sealed = false
  /** It was there when the receiver started. */
  readonly atStart: boolean
  /** No more is expected: an unfinished last line is a record now. */
  finishing = false
  /** A damaged compressed file, read up to the damage. */
  corrupt = false
  /** Nothing (more) of this file is read. */
  ignored = false
  /** The last look found the end. */
  atEnd = false
  /** Delivered, and deleted by us: its end is on record. */
  deleted = false
  closed = false
  /** Has something to do as soon as what is in flight is settled. */
  waiting = false
  /** What comes before it is being looked for: nothing of it is read until then. */
  unplaced = false
  /** Had our name before us, and is drained first. */
  predecessor: FollowedFile | null = null
  successor: FollowedFile | null = null
  /** The last of those that were found to have come after it, while it was thought to have the name still. */
  newest: FollowedFile | null = null
  /** Monotonic milliseconds before which it is left alone. */
  notBefore = 0
  /** How often more was expected: a look from before that is no evidence of the end. */
  expected = 0
  #sizeOnDisk = -1n
  readonly #lastWrite: LastWrite
  /** Unix nanoseconds: when it was last written to, of a look at it that found nothing in it. */
  #emptiedAt: bigint
  readonly #turns: FileTurns
  readonly #context: FileContext

  constructor(
    found: FoundFile,
    { atStart, startAtEnd, since }: { atStart: boolean; startAtEnd: boolean; since: number },
    context: FileContext,
  ) {
    this.found = found
    this.atStart = atStart
    this.path = found.path
    this.location = found.path
    this.startAtEnd = startAtEnd
    this.growth = new Growth(context.clock)
    this.#lastWrite = new LastWrite(found.written, context.clock)
    this.#emptiedAt = found.size === 0 ? found.written : -1n
    this.since = since
    this.#context = context
    this.lines = new LineReader(found.source, {
      maxRecord: context.maxRecord,
      reserve: (bytes) => context.budget.acquire(bytes, context.closing),
      release: (bytes) => context.budget.release(bytes),
      skipped: (from, to) => {
        context.log.warn(
          { path: this.path, from, to },
          'NULs before a line are skipped: a hole, as a writer leaves it that goes on at its offset after a truncation',
        )
      },
    })
    this.handing = new HandingOn(this.lines, context, {
      settled: () => context.settled(this),
      committed: () => this.#turns.worked(),
    })
    this.#turns = new FileTurns(this, context)
  }

  /** What it has handed on and not seen committed. */
  get outgoing(): Outgoing {
    return this.handing.outgoing
  }

  /** The source, where the file is compressed. */
  get gzip(): GzipSource | null {
    return this.found.source instanceof GzipSource ? this.found.source : null
  }

  /** What was found turned out to be compressed. */
  decompress(): void {
    const source = new GzipSource(this.found.source)
    this.found = { ...this.found, source }
    this.lines.decompress(source)
  }

  /** Whatever the last look found, there may be more. */
  expectMore(): void {
    this.atEnd = false
    this.expected += 1
  }

  /** Notes what a look found. True when that is not what was read, or looked through. */
  hasChanged({ size, mtimeNs }: Pick<BigIntStats, 'size' | 'mtimeNs'>): boolean {
    const written = this.#lastWrite.isNews(mtimeNs)
    return this.#hasGrown(size) || written
  }

  /** Whether it was written to since it was met, and is empty again or still: a generation may have come and gone. */
  wasEmptied({ size, mtimeNs }: Pick<BigIntStats, 'size' | 'mtimeNs'>): boolean {
    if (size > 0n || this.stream !== null || mtimeNs === this.#emptiedAt) return false
    this.#emptiedAt = mtimeNs
    return true
  }

  #hasGrown(size: bigint): boolean {
    if (this.gzip) {
      if (size === this.#sizeOnDisk) return false
      this.#sizeOnDisk = size
      return true
    }
    if (Number(size) <= this.growth.seen) this.growth.rests()
    else if (this.stream) this.growth.to(Number(size))
    return Number(size) !== this.lines.scanned
  }

  /** Bytes that were seen wait to be read: whether they are of this generation is known only while that is there. */
  async confirmGrowth(): Promise<void> {
    const { seen, confirmed, grew, quietAt } = this.growth
    if (seen <= confirmed || quietAt < grew || this.gzip || !this.stream || this.truncated) return
    const begun = this.#context.clock.now()
    if (await isUntouched(this.found.source, contentOf(this))) this.growth.confirm(seen, begun)
  }

  /** It is read as this stream, from `position` on. */
  becomes(
    stream: {
      readonly id: string
      readonly head: HeadHash
      readonly generation: number
      readonly preset: string | undefined
      readonly pod?: PodFacts | undefined
    },
    position: StreamPosition,
  ): void {
    const { id, preset, pod } = stream
    this.handing.resume(position, preset)
    const { path } = this
    const { receiver, guide } = this.#context
    const context = {
      id,
      receiver,
      path,
      ...(preset === undefined ? {} : { preset }),
      ...(pod === undefined ? {} : { pod }),
    }
    this.stream = guide ? guide.about(context) : context
    this.head = stream.head
    this.readSince = this.#context.clock.now()
    this.generation = stream.generation
    this.growth.resume(position.offset)
    this.held = null
    this.reserved = false
    this.#context.relatives.add(this)
  }

  /** What is known of whose it is may have changed: what is read from here on says so. */
  lookWhose(): void {
    const { guide } = this.#context
    if (!guide || !this.stream) return
    const now = guide.about(this.stream)
    if (now === this.stream) return
    this.descriptorChanged = true
    this.stream = now
  }

  /** Everything it held is read and committed. */
  get drained(): boolean {
    if (this.closed || this.ignored) return true
    return this.atEnd && !this.truncated && this.handing.isIdle(this.finishing)
  }

  /** Where a restart would resume. */
  get position(): StreamPosition {
    return this.handing.position
  }

  /** Where a line begins whose end is not read: nothing from there on is committed. */
  get unfinishedAt(): number {
    return this.handing.framed?.unfinishedAt ?? Number.POSITIVE_INFINITY
  }

  /** A record of several lines has waited long enough for one more. */
  isDue(now: number): boolean {
    return this.atEnd && (this.handing.framed?.isDue(now, this.unfinishedSince) ?? false)
  }

  /** Monotonic milliseconds: when the last line, which has no end yet, grew. 0 when there is none. */
  get unfinishedSince(): number {
    return this.lines.scanned > this.lines.next ? this.growth.lastAt : 0
  }

  /** Does one thing. Rejects when reading fails, or with the signal's reason. */
  turn(buffers: ChunkBuffers): Promise<Turn> {
    return this.#turns.take(buffers)
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    this.#context.relatives.remove(this)
    await this.found.source.close()
    this.#context.settled(this)
  }

  /** What it holds is read elsewhere, as the stream that it was. */
  leaveStream(): void {
    this.#context.relatives.remove(this)
    this.stream = null
    this.resumedAt = null
    this.outgoing.committed = 0
    this.lines.seek(0)
  }

  /** Its old generation has ended. */
  beginAgain(): void {
    this.previous = { head: this.head, generation: this.generation }
    this.leaveStream()
    this.truncated = false
    this.replaced = false
    this.unseen = false
    // Since when is not known: whatever was begun while nobody looked may come after it.
    this.since = Math.max(this.since, this.growth.stoodAt)
    this.growth.restart()
  }
}

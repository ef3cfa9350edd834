/**
 * One file being read: an open descriptor, whatever its name has become, and the stream that its content is.
 *
 * Invariants: a stream is opened, and that committed, before its first chunk; at most `chunksInFlight` chunks are in flight;
 * reading goes back to a chunk that failed and never steps over it; a truncated file becomes a new generation
 * only when everything read from the old one is committed.
 */
import type { StreamPosition } from '../../event/batch.ts'
import type { StreamContext } from '../../event/record.ts'
import type { ByteSource } from './byte-source.ts'
import type { ChunkBuffers } from './chunk-buffers.ts'
import { positionOf } from './describe.ts'
import type { HeadHash } from './descriptor.ts'
import { endCorrupt, endGeneration } from './endings.ts'
import type { FileContext } from './file-context.ts'
import { framingOf } from './framing/begin.ts'
import { FramedLines } from './framing/framed-lines.ts'
import { byteLineEnds } from './framing/line-ends.ts'
import { GzipFault } from './gunzip.ts'
import { GzipSource } from './gzip-source.ts'
import { describeAgain, identify } from './identify.ts'
import { LineReader, type Reading, type WholeLines } from './line-reader.ts'
import { Outgoing } from './outgoing.ts'

const firstRetry = 1_000
const lastRetry = 30_000

/** `again`: there may be more to do at once. `rest`: a commit, a growth or the poll wakes it. */
export type Turn = 'again' | 'rest'

export interface FoundFile {
  /** Device and inode. */
  readonly key: string
  readonly device: bigint
  readonly inode: bigint
  readonly source: ByteSource
  readonly path: string
  /** Its name is a symbolic link. */
  readonly linked: boolean
  /** Bytes when it was found. */
  readonly size: number
  /** When it was created, unix nanoseconds; 0 where the file system does not say. */
  readonly born: bigint
  /** When its content was begun, unix nanoseconds: of a compressed file, when that was last written to. */
  readonly begun: bigint
}

/** It may be a copy of another file, and is not read until that is known. */
export interface Hold {
  readonly original: FollowedFile
  /** Monotonic milliseconds; begins anew when it grows. */
  readonly since: number
  readonly size: bigint
}

export class FollowedFile {
  found: FoundFile
  readonly lines: LineReader
  readonly outgoing: Outgoing
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
  /** Null where each line is a record; undefined until that is known. */
  framed: FramedLines | null | undefined
  /** It was found to be another one's copy, and is about to be read as that. */
  reserved = false
  /** Unix milliseconds. When this generation was first met, be it before a restart. */
  since: number
  /** Unix milliseconds. When its first line was looked at, and it became a stream. */
  readSince = Number.POSITIVE_INFINITY
  /** It was met before its first line was complete: generations may have gone meanwhile. */
  metEmpty = false
  /** Begin behind what is there, should this turn out to be a new stream. */
  startAtEnd: boolean
  /** Where a stream known from before a restart went on. */
  resumedAt: number | null = null
  /** Committed since the start. */
  records = 0
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
  /** The largest size that was ever seen of this generation. */
  seen = 0
  /** Monotonic milliseconds when it was last seen to have grown. */
  grew = Number.NEGATIVE_INFINITY
  /** Monotonic milliseconds when a look last found that it had not grown. */
  quietAt = Number.NEGATIVE_INFINITY
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
  /** Had our name before us, and is drained first. */
  predecessor: FollowedFile | null = null
  successor: FollowedFile | null = null
  /** Monotonic milliseconds. */
  lastGrowth: number
  /** Monotonic milliseconds before which it is left alone. */
  notBefore = 0
  #retryDelay = firstRetry
  #sizeOnDisk = -1n
  #resumeAt: StreamPosition = { offset: 0, ranges: [] }
  /** Bytes of the budget that lines hold whose records are not committed. */
  #owed = 0
  /** How often more was expected: a look from before that is no evidence of the end. */
  #expected = 0
  readonly #context: FileContext

  constructor(
    found: FoundFile,
    { atStart, startAtEnd }: { atStart: boolean; startAtEnd: boolean },
    context: FileContext,
  ) {
    this.found = found
    this.atStart = atStart
    this.path = found.path
    this.location = found.path
    this.startAtEnd = startAtEnd
    this.lastGrowth = context.clock.monotonic()
    this.since = context.clock.now()
    this.#context = context
    this.outgoing = new Outgoing(context.signal, () => context.settled(this))
    this.lines = new LineReader(found.source, {
      maxRecord: context.maxRecord,
      reserve: (bytes) => context.budget.acquire(bytes, context.closing),
      release: (bytes) => context.budget.release(bytes),
    })
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
    this.#expected += 1
  }

  /** Notes the size on disk. True when that is not what was read, or looked through. */
  hasGrown(size: bigint): boolean {
    if (this.gzip) {
      if (size === this.#sizeOnDisk) return false
      this.#sizeOnDisk = size
      return true
    }
    if (Number(size) <= this.seen) this.quietAt = this.#context.clock.monotonic()
    else if (this.stream) this.grown(Number(size))
    return Number(size) !== this.lines.scanned
  }

  /** It is read as this stream, from `position` on. */
  becomes(
    stream: { readonly id: string; readonly head: HeadHash; readonly generation: number },
    position: StreamPosition,
  ): void {
    const { offset } = position
    this.#resumeAt = position
    this.framed = undefined
    this.stream = { id: stream.id, receiver: this.#context.receiver }
    this.head = stream.head
    this.readSince = this.#context.clock.now()
    this.generation = stream.generation
    this.outgoing.committed = offset
    this.seen = Math.max(this.seen, offset)
    this.held = null
    this.reserved = false
    this.#context.relatives.add(this)
  }

  /** Everything it held is read and committed. */
  get drained(): boolean {
    if (this.closed || this.ignored) return true
    if (this.framed?.isReady || (this.finishing && this.framed?.isPending)) return false
    return this.atEnd && !this.truncated && this.outgoing.count === 0 && !this.outgoing.failure
  }

  /** Where a restart would resume. */
  get position(): StreamPosition {
    if (this.framed) return this.framed.committed
    return { offset: this.lines.next, ranges: this.framed === null ? [] : this.#resumeAt.ranges }
  }

  /** Where a line begins whose end is not read: nothing from there on is committed. */
  get unfinishedAt(): number {
    return this.framed?.unfinishedAt ?? Number.POSITIVE_INFINITY
  }

  /** A record of several lines has waited long enough for one more. */
  isDue(now: number): boolean {
    return this.atEnd && (this.framed?.isDue(now, this.#unfinishedSince) ?? false)
  }

  get #unfinishedSince(): number {
    return this.lines.scanned > this.lines.next ? this.lastGrowth : 0
  }

  /** Does one thing. Rejects when reading fails, or with the signal's reason. */
  async turn(buffers: ChunkBuffers): Promise<Turn> {
    if (this.closed || this.ignored) return 'rest'
    if (this.predecessor && !this.predecessor.drained) return 'rest'
    this.predecessor = null
    const mustBeAlone =
      this.outgoing.failure ||
      this.outgoing.opening ||
      this.truncated ||
      !this.stream ||
      this.framed !== null ||
      this.descriptorChanged
    this.waiting = this.outgoing.count >= (mustBeAlone ? 1 : this.#context.chunksInFlight)
    if (this.waiting) return 'rest'
    if (this.outgoing.failure) return this.#recover(this.outgoing.failure)
    if (this.truncated) this.framed?.flush()
    if (this.stream && this.#sendFramed(this.stream)) return 'again'
    if (this.truncated) {
      await endGeneration(this, this.#context)
      this.#beginAgain()
      return 'again'
    }
    if (!this.stream) {
      const turn = await identify(this, this.#context)
      this.#context.settled(this)
      return turn
    }
    if (this.descriptorChanged) {
      describeAgain(this, this.#context)
      return 'again'
    }
    return await this.#read(this.stream, buffers)
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    this.#context.relatives.remove(this)
    await this.found.source.close()
    this.#context.settled(this)
  }

  async #read(stream: StreamContext, buffers: ChunkBuffers): Promise<Turn> {
    if (this.framed === undefined) await this.#beginFraming()
    const scratch = buffers.take()
    const expected = this.#expected
    let held = false
    try {
      const reading = this.finishing
        ? await this.lines.rest(scratch, this.head)
        : await this.lines.read(scratch, this.head)
      held = reading.kind === 'lines' && reading.inScratch && !this.framed
      const turn = this.#take(stream, reading, expected, () => {
        if (held) buffers.give(scratch)
      })
      return expected === this.#expected ? turn : 'again'
    } catch (error) {
      if (!(error instanceof GzipFault)) throw error
      return this.#endHere(error)
    } finally {
      if (!held) buffers.give(scratch)
    }
  }

  /** What follows cannot be read. */
  #endHere(fault: GzipFault): Turn {
    this.framed?.flush()
    if (this.framed?.isReady) return 'again'
    this.corrupt = true
    this.ignored = true
    const offset = this.lines.next
    this.outgoing.send(endCorrupt(this, this.#context, fault.message), { from: offset, to: offset })
    return 'rest'
  }

  #take(stream: StreamContext, reading: Reading, expected: number, done: () => void): Turn {
    if (reading.kind === 'end') {
      const fault = this.gzip?.fault
      if (fault) return this.#endHere(fault)
      this.atEnd = expected === this.#expected
      if (this.atEnd && this.#completes()) return 'again'
      this.#context.settled(this)
      return 'rest'
    }
    if (reading.kind === 'truncated') this.truncated = true
    else this.grown(this.lines.scanned)
    if (reading.kind !== 'lines') {
      this.finishing = false
      return 'again'
    }
    this.atEnd = !reading.more && expected === this.#expected
    if (this.framed) {
      this.#frame(this.framed, stream, reading)
      return 'again'
    }
    this.#send(stream, reading, done)
    return reading.more ? 'again' : 'rest'
  }

  #send(stream: StreamContext, { bytes, offset, end, oversize }: WholeLines, done: () => void): void {
    const { intake, clock, budget, signal } = this.#context
    const chunk = { stream, bytes, offset, observed: clock.now(), ...(oversize ? { oversize } : {}) }
    const length = bytes.length
    this.outgoing.send(intake.lines(chunk, positionOf(this, { offset: end, ranges: [] }), signal), {
      from: offset,
      to: end,
      committed: ({ records }) => {
        this.records += records
        this.#retryDelay = firstRetry
      },
      release: () => {
        budget.release(length)
        done()
      },
    })
    this.lines.checks.release()
  }

  async #beginFraming(): Promise<void> {
    const framing = await framingOf(this.found.source, this.#context.framing, this.#resumeAt)
    this.framed = framing && new FramedLines(framing, this.#resumeAt)
    this.lines.lineEnds = framing?.lineEnds ?? byteLineEnds
  }

  #frame(framed: FramedLines, stream: StreamContext, lines: WholeLines): void {
    framed.take(lines, this.#context.clock.monotonic())
    this.#owed += lines.bytes.length
    if (!this.#sendFramed(stream)) this.#release()
  }

  /** The next chunk of records. It travels alone, and the one behind it only once it is committed. */
  #sendFramed(stream: StreamContext): boolean {
    const { framed } = this
    const chunk = framed?.next()
    if (!framed || !chunk) return false
    const { intake, clock, signal } = this.#context
    const { bytes, frames, oversize, position } = chunk
    const { offset } = framed.committed
    const sent = { stream, bytes, offset, observed: clock.now(), frames, ...(oversize && { oversize }) }
    this.outgoing.send(intake.lines(sent, positionOf(this, position), signal), {
      from: offset,
      to: position.offset,
      committed: ({ records }) => {
        framed.settle(chunk)
        this.records += records
        this.#retryDelay = firstRetry
      },
      release: () => {
        if (!framed.isReady) this.#release()
      },
    })
    this.lines.checks.release()
    return true
  }

  /** At the end of the input: whether records are whole now because no more is expected of them. */
  #completes(): boolean {
    const { framed } = this
    if (!framed) return false
    if (this.finishing) framed.flush()
    else framed.quiet(this.#context.clock.monotonic(), this.#unfinishedSince)
    return framed.isReady
  }

  #release(): void {
    this.#context.budget.release(this.#owed)
    this.#owed = 0
  }

  /** So many bytes were seen of it. */
  grown(size: number): void {
    this.lastGrowth = this.#context.clock.monotonic()
    if (size <= this.seen) return
    this.seen = size
    this.grew = this.lastGrowth
  }

  #recover(failure: { from: number; opens: boolean; error: unknown }): Turn {
    const { log, clock } = this.#context
    log.error(
      { path: this.path, offset: failure.from, err: failure.error },
      'this could not be taken in; it will be read again',
    )
    this.outgoing.failure = null
    if (failure.opens) {
      this.#context.relatives.remove(this)
      this.stream = null
    }
    this.lines.seek(this.framed?.goBack() ?? failure.from)
    this.#release()
    this.notBefore = clock.monotonic() + this.#retryDelay
    this.#retryDelay = Math.min(this.#retryDelay * 2, lastRetry)
    return 'again'
  }

  #beginAgain(): void {
    this.#context.relatives.remove(this)
    this.previous = { head: this.head, generation: this.generation }
    this.stream = null
    this.truncated = false
    this.replaced = false
    this.unseen = false
    this.resumedAt = null
    this.seen = 0
    this.since = this.#context.clock.now()
    this.grew = Number.NEGATIVE_INFINITY
    this.outgoing.committed = 0
    this.lines.seek(0)
  }
}

/**
 * One file being read: an open descriptor, whatever its name has become, and the stream that its content is.
 *
 * Invariants: a stream is opened, and that committed, before its first chunk; at most `chunksInFlight` chunks are in flight;
 * reading goes back to a chunk that failed and never steps over it; a truncated file becomes a new generation
 * only when everything read from the old one is committed.
 */
import type { StreamContext } from '../../event/record.ts'
import type { ByteSource } from './byte-source.ts'
import type { ChunkBuffers } from './chunk-buffers.ts'
import type { HeadHash } from './descriptor.ts'
import type { FileContext } from './file-context.ts'
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
}

export class FollowedFile {
  readonly found: FoundFile
  readonly lines: LineReader
  readonly outgoing: Outgoing
  /** The name people know it by: it matches the patterns. */
  path: string
  /** Where it is now; null when it has no name that we can tell. */
  location: string | null
  stream: StreamContext | null = null
  head: HeadHash = { length: 0, sha256: '' }
  /** The generation before a truncation, until the next one is opened. */
  previous: string | null = null
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
  /** No more is expected: an unfinished last line is a record now. */
  finishing = false
  /** Nothing of this file is read (it is compressed). */
  ignored = false
  /** The last look found the end. */
  atEnd = false
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
  readonly #context: FileContext

  constructor(found: FoundFile, startAtEnd: boolean, context: FileContext) {
    this.found = found
    this.path = found.path
    this.location = found.path
    this.startAtEnd = startAtEnd
    this.lastGrowth = context.clock.monotonic()
    this.#context = context
    this.outgoing = new Outgoing(context.signal, () => context.settled(this))
    this.lines = new LineReader(found.source, {
      maxRecord: context.maxRecord,
      reserve: (bytes) => context.budget.acquire(bytes, context.closing),
      release: (bytes) => context.budget.release(bytes),
    })
  }

  /** Everything it held is read and committed. */
  get drained(): boolean {
    if (this.closed || this.ignored) return true
    return this.atEnd && !this.truncated && this.outgoing.count === 0 && !this.outgoing.failure
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
      this.descriptorChanged
    this.waiting = this.outgoing.count >= (mustBeAlone ? 1 : this.#context.chunksInFlight)
    if (this.waiting) return 'rest'
    if (this.outgoing.failure) return this.#recover(this.outgoing.failure)
    if (this.truncated) this.#beginAgain()
    if (!this.stream) {
      await identify(this, this.#context)
      this.#context.settled(this)
      return this.stream ? 'again' : 'rest'
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
    await this.found.source.close()
    this.#context.settled(this)
  }

  async #read(stream: StreamContext, buffers: ChunkBuffers): Promise<Turn> {
    const scratch = buffers.take()
    let held = false
    try {
      const reading = this.finishing
        ? await this.lines.rest(scratch)
        : await this.lines.read(scratch, this.head)
      held = reading.kind === 'lines' && reading.inScratch
      return this.#take(stream, reading, () => {
        if (held) buffers.give(scratch)
      })
    } finally {
      if (!held) buffers.give(scratch)
    }
  }

  #take(stream: StreamContext, reading: Reading, done: () => void): Turn {
    if (reading.kind === 'end') {
      this.atEnd = true
      this.#context.settled(this)
      return 'rest'
    }
    this.lastGrowth = this.#context.clock.monotonic()
    if (reading.kind === 'truncated') this.truncated = true
    if (reading.kind !== 'lines') {
      this.finishing = false
      return 'again'
    }
    this.atEnd = !reading.more
    this.#send(stream, reading, done)
    return reading.more ? 'again' : 'rest'
  }

  #send(stream: StreamContext, { bytes, offset, end, oversize }: WholeLines, done: () => void): void {
    const { intake, clock, budget, signal } = this.#context
    const chunk = { stream, bytes, offset, observed: clock.now(), ...(oversize ? { oversize } : {}) }
    const length = bytes.length
    this.outgoing.send(intake.lines(chunk, { offset: end, ranges: [] }, signal), {
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
  }

  #recover(failure: { from: number; opens: boolean; error: unknown }): Turn {
    const { log, clock } = this.#context
    log.error(
      { path: this.path, offset: failure.from, err: failure.error },
      'this could not be taken in; it will be read again',
    )
    this.outgoing.failure = null
    if (failure.opens) this.stream = null
    this.lines.seek(failure.from)
    this.notBefore = clock.monotonic() + this.#retryDelay
    this.#retryDelay = Math.min(this.#retryDelay * 2, lastRetry)
    return 'again'
  }

  #beginAgain(): void {
    this.#context.log.warn(
      { path: this.path, stream: this.stream?.id, committed: this.outgoing.committed },
      'this file was truncated: it is read from its beginning again; what was not read before is gone',
    )
    this.previous = this.stream?.id ?? this.previous
    this.stream = null
    this.truncated = false
    this.resumedAt = null
    this.outgoing.committed = 0
    this.lines.seek(0)
  }
}

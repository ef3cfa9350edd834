/** What every receiver is, and what it is given. A receiver knows no sink and no journal. */
import type { Commit, StreamPosition, StreamUpdate } from '../event/batch.ts'
import type { LineChunk, RecordChunk, StreamContext } from '../event/record.ts'

/** What came of a chunk, once it is durable. */
export interface Receipt extends Commit {
  /** Records taken from the chunk: events, and lines that `select` skipped. */
  readonly records: number
  readonly skipped: number
  /** Events with `quality.parse` other than `ok`. */
  readonly unparsed: number
  /** Events with `attribution.complete: false`. */
  readonly incomplete: number
  /** Records that were not taken in, by their index in the chunk, and what their events lack. */
  readonly rejected: readonly {
    readonly index: number
    readonly missing: readonly string[]
    /** Set where it has a scope that its credential may not deliver: that. */
    readonly scope?: string
  }[]
  /** SHA-256 of each event's canonical bytes, hex, in the order of `firstSeq`; where `RecordsOptions.hashes` asks for it. */
  readonly hashes?: readonly string[]
  /**
   * Set where the chunk has marks: by mark, the seq of the first event of its record; undefined where it has none, and the
   * mark counts for nothing. Of a mark without a record it is the seq at which the chunk's events begin.
   */
  readonly seqs?: readonly (number | undefined)[]
}

export interface RecordsOptions {
  /** What its receiver must know of the stream after a restart, once these records are committed: in one block with them. */
  readonly descriptor?: Uint8Array
  /** @default false */
  readonly hashes?: boolean
}

/** Records that were sent again. */
export interface Repeats {
  /** Answered as taken in, since they are in the journal: not committed again. */
  readonly duplicates: number
  /** Taken in under an id of their own: theirs is that of another record. */
  readonly conflicts: number
}

/** The way into the pipeline: normalise, then commit. Chunks of one stream are committed in call order. */
export interface Intake {
  /**
   * Resolves after the commit. While the journal is under pressure it waits (files wait on disk); rejects only
   * when `signal` aborts or the agent stops.
   */
  lines(chunk: LineChunk, position: StreamPosition, signal: AbortSignal): Promise<Receipt>
  /**
   * Resolves after the commit; rejects at once with `journal_full` or `journal_unavailable`, since a client
   * waits for the answer.
   */
  records(chunk: RecordChunk, options?: RecordsOptions): Promise<Receipt>
  /**
   * Commits the stream's `affiant.stream.opened` event, with what is constant for it in `metadata`, and its
   * descriptor. Call before its first chunk, once in a stream's life (not again after a restart).
   */
  openStream(
    stream: StreamContext,
    opened: { readonly metadata: Readonly<Record<string, unknown>>; readonly update: StreamUpdate },
    signal: AbortSignal,
  ): Promise<Commit>
  /**
   * Commits an own event about a stream: a gap, an end. With `update` it shares a block with the position that it
   * explains, so that neither is there without the other.
   */
  noteStream(stream: StreamContext, note: StreamNote, signal: AbortSignal): Promise<Commit>
  /** Moves a position without events (a rename noticed, a descriptor that changed). */
  updateStream(update: StreamUpdate, signal: AbortSignal): Promise<Commit>
  /**
   * What `records` would reject of the chunk since its sender may not deliver it. Nothing is committed, and what is rejected is
   * counted.
   */
  outOfScope(chunk: RecordChunk): Promise<Receipt['rejected']>
  /** Counts what was found to have been sent before. */
  repeated(repeats: Repeats): void
  /** Null while records are taken: a server asks before it reads a body. */
  pressure(): { readonly message: string } | null
}

/** What happened to a stream that must be on record. */
export interface StreamNote {
  /**
   * `affiant.stream.gap`: bytes that were never read are gone. `affiant.stream.closed`: its input is gone and read to
   * its end.
   */
  readonly action: 'affiant.stream.gap' | 'affiant.stream.closed'
  /** One sentence for people. */
  readonly message: string
  /** For a gap `from` and `to`: byte offsets in the stream, `to` null where nobody can tell. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly update?: StreamUpdate
}

/** A stream this receiver had opened before the restart. */
export interface KnownStream {
  readonly id: string
  readonly descriptor: Uint8Array
  readonly position: StreamPosition
}

/** Where a receiver is with one file. Bytes are those of the stream. */
export interface FileProgress {
  /** Its present name where it has one, otherwise the one it had. */
  readonly path: string
  /** Null while it has none: it is unreadable or ignored, or its first line is not complete. */
  readonly stream: string | null
  readonly state: FileState
  /** Null where nobody can tell. */
  readonly size: number | null
  /** Handed on as whole lines, and of that committed. */
  readonly read: number
  readonly committed: number
}

/**
 * `waiting`: for its first line, or for the file that had its name before. `rotated`: its name was taken, or it was
 * deleted; `finished`: and it is read to its end. `ignored`: it is not read, and the log says why.
 */
export type FileState = 'followed' | 'waiting' | 'rotated' | 'finished' | 'ignored' | 'unreadable'

export interface Receiver {
  readonly name: string
  /** Resolves when it takes records; rejects with a clear error when it never will (port in use). */
  start(): Promise<void>
  /** Takes nothing new, lets what is in flight commit, frees everything. Idempotent. */
  stop(): Promise<void>
  /** Resolves when all that was there at `start` has been read and committed (`run --once`). Never for servers. */
  readonly caughtUp: Promise<void>
  /**
   * Looks for what there is now, and resolves when all of that has been read and committed: an unfinished last line stays
   * where it is. Rejects with the signal's reason. Absent: it listens.
   */
  readToEnd?(signal: AbortSignal): Promise<void>
  /** Where it is with each of its files; the sizes of `most` of them, the busiest, are up to date. */
  files?(most: number): Promise<readonly FileProgress[]>
  /** One sentence on what keeps it from a part of its input just now; null when nothing does. */
  trouble?(): string | null
  /** For the start-up banner, in the reader's words: `demo/app-audit.log (212 lines)`. */
  describe(): { readonly verb: 'follows' | 'listens'; readonly what: string }
}

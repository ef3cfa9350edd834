/** What the journal is to the rest of the house. Implementation: journal.ts; format: docs/journal-format.md. */
import type { Commit, EncodedBatch, StreamPosition, StreamUpdate } from '../event/batch.ts'
import type { ForgottenCursor } from './forget-cursor.ts'
import type { JournalSettings } from './settings.ts'

/** A committed block as readers see it. Buffers are shared: read, never write. */
export interface CommittedBlock {
  readonly epoch: number
  readonly firstSeq: number
  readonly count: number
  readonly stream: string
  /** Canonical event bytes, each followed by one `\n`. */
  readonly payload: Buffer
  /** Bytes of each event without its newline. */
  readonly lengths: Uint32Array
  readonly raw: Buffer
  readonly rawLengths: Uint32Array
  readonly routes: Uint32Array
  readonly routeWords: number
  /** SHA-256 (hex) of the route table that `routes` refers to. */
  readonly routeTable: string
  /** Unix milliseconds. */
  readonly observedMin: number
  readonly observedMax: number
  /** When the block was handed to the disk, unix milliseconds. */
  readonly writtenTime: number
}

/** Reads committed blocks in seq order. Every sink has its own. */
export interface JournalReader extends AsyncDisposable {
  /** The next seq this reader will return. */
  readonly position: number
  /**
   * The next committed block with events, or null when the reader has caught up. A block that begins before the
   * reader's seq is returned whole: the caller skips what it has had. One that begins behind it says that the seqs
   * between are gone: damaged (reported), or expired.
   */
  next(): Promise<CommittedBlock | null>
  /** The block that `next` returned last is used no more, by anybody: its memory may be written again. Need not be called. */
  release(): void
  /** Resolves as soon as `next` may return a block; rejects with the signal's reason. */
  waitForMore(signal: AbortSignal): Promise<void>
}

/** How far a sink has got. Durable at most a second behind; a lost cursor means re-delivery, never loss. */
export interface Cursor {
  readonly name: string
  /** Everything below is settled. */
  readonly settled: number
  /** The same, as far as it is on disk: where a restart would begin. */
  readonly durable: number
  /** When recent seqs were settled, oldest first (at most 64): `[settled, unix ms]`. */
  readonly history: readonly (readonly [settled: number, at: number])[]
  /** Moves forward; a lower seq is ignored. */
  settle(seq: number): void
}

export interface LiveStream {
  readonly stream: string
  readonly descriptor: Uint8Array
  readonly position: StreamPosition
}

/** What a block was to be remembered by (`StreamUpdate.memo`). */
export interface BlockMemo {
  readonly memo: Uint8Array
  /** Of the block's events. */
  readonly firstSeq: number
  /** Unix milliseconds. */
  readonly writtenTime: number
}

/** What the blocks of one segment were to be remembered by, in the order in which they were committed. */
export interface SegmentMemos {
  /** Unix milliseconds: when the segment was begun, before any of its blocks was written. */
  readonly created: number
  readonly memos: readonly BlockMemo[]
}

/** Why the journal takes no ordinary batches right now. */
export interface JournalPressure {
  readonly reason: 'full' | 'disk_full' | 'failed'
  /** One sentence for people: what, where, since when. */
  readonly message: string
}

/** Seqs whose events cannot be had any more. Both ends included. */
export interface DamagedSeqs {
  readonly firstSeq: number
  readonly lastSeq: number
  /** Where their bytes were set aside; of those that have none, what of the journal lies beside them. */
  readonly file: string
  /** Set where there are no bytes to set aside: a segment was taken away, cut, or lost under another one. */
  readonly gone?: true
}

export interface JournalRecovery {
  /** Whether anything was there before. */
  readonly found: boolean
  readonly milliseconds: number
  /** Bytes discarded behind the last good block; 0 = no torn tail. */
  readonly tornBytes: number
  readonly events: number
  /** Below the durable end, and not told by an earlier start. */
  readonly damaged: readonly DamagedSeqs[]
  /** False after a kill or a power cut. */
  readonly clean: boolean
  /** Set when segments from now on have another key than the last one had. Ids of keys; null: not encrypted. */
  readonly keyChange?: { readonly from: string | null; readonly to: string | null }
}

/** What one sender appends in an order that must hold. A new one once everything appended with it has settled. */
export interface AppendOrder {
  /** Set by the journal when it refused a batch of this order. */
  broken: boolean
}

export interface AppendOptions {
  /** May use the bytes kept for the agent's own events. */
  readonly reserve?: boolean
  /** After one refused batch, all later ones of the same order are refused too: none overtakes it. */
  readonly order?: AppendOrder
}

/** The two moments at which a route table takes the place of another one. Neither may throw. */
export interface RouteSwitch {
  /** What is appended from here on refers to it. */
  appended(): void
  /** What is told as durable (`JournalEvents.block`) from here on refers to it. */
  committed(): void
}

export interface Journal extends AsyncDisposable {
  readonly epoch: number
  /** `affiant/<agent id>/<epoch>`: `log.origin` of every event that leaves. */
  readonly origin: string
  /** All seqs below are durable, and visible to readers. */
  readonly durableSeq: number
  readonly recovery: JournalRecovery
  /** Null while batches are taken. */
  readonly pressure: JournalPressure | null
  /** For how long a commit, or a look at the disk, has been under way; 0 when none is. */
  readonly unansweredMilliseconds: number

  /**
   * Gives the batch its seqs in call order; resolves once it is on disk (written and fdatasynced). Rejects with
   * `journal_full` or `journal_unavailable`: then nothing of it was kept, and `waitForRoom` says when to try
   * again. The batch's buffers belong to the journal from here on: they are written and read from as they are. Where they
   * lie in `memory`, others write into it some time after the commit; of a batch that is refused it stays as it is.
   */
  append(batch: EncodedBatch, update: StreamUpdate, options?: AppendOptions): Promise<Commit>
  /** Resolves when pressure is gone; rejects with the signal's reason. */
  waitForRoom(signal: AbortSignal): Promise<void>

  /** Streams that can be read on, with their last committed positions. */
  liveStreams(): readonly LiveStream[]
  /** Drops a stream from later snapshots: its input is gone and read to its end. */
  forgetStream(stream: string): void

  /**
   * The memos of blocks that are on disk, a segment at a time, the newest first. Of damaged headers there are none. Reads
   * headers and no events.
   */
  memos(): AsyncIterable<SegmentMemos>

  /** A reader from `seq` on (from the oldest kept event, if that is later). */
  read(seq: number): JournalReader
  /** Opens or creates a cursor. `start` is where a new one begins. */
  cursor(name: string, options: { start: 'earliest' | 'head'; required: boolean }): Promise<Cursor>
  /** Its sink is not configured any more. The cursor stays, and what it needs. */
  leaveCursor(name: string): void
  /**
   * Keeps nothing any longer for a sink that has left its cursor. Null where there is none of that name. Until
   * `removeForgottenNote`, a note of it is there for the next start.
   */
  forgetCursor(name: string): Promise<ForgottenCursor | null>

  /**
   * The route table (canonical JSON) that batches appended from `at.appended` on refer to: it is called once the table is
   * kept, and nothing is appended between. A changed table starts a new segment. Rejects where the table cannot be kept, which
   * has changed nothing.
   */
  useRoutes(table: string, at?: RouteSwitch): Promise<void>
  /** What `journal:` says from now on, but for its keys. What has no room under it goes, as far as it may. Rejects only where the journal is closed. */
  useSettings(settings: JournalSettings): Promise<void>
  /** For status and metrics. */
  stats(): JournalStats
}

export interface JournalStats {
  readonly bytes: number
  readonly maxBytes: number
  readonly segments: number
  readonly firstSeq: number
  readonly nextSeq: number
  readonly commits: number
  /** Spent in all commits together. */
  readonly syncMilliseconds: number
}

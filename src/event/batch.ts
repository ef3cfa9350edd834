/**
 * What passes between the layers: encoded events on their way into the journal. Nothing in here is parsed
 * again on the way out; sinks slice these bytes.
 */
import type { HeldMemory } from '../held-memory.ts'

/** Where a stream can be read on: everything below `offset`, and each of `ranges`, is already in the journal. */
export interface StreamPosition {
  /** Byte offset at which reading resumes. */
  readonly offset: number
  /** `[start, end)` byte ranges at or above `offset` whose events were already emitted. Usually empty. */
  readonly ranges: readonly (readonly [start: number, end: number])[]
  /** The bytes before `offset`, so that a file that was rewritten meanwhile is not read on in. */
  readonly check?: PositionCheck
}

/** What lies before a position. */
export interface PositionCheck {
  /** Bytes right before it whose CRC-32C is `crc`: at most 256, at most the offset; 0 when they are not known. */
  readonly length: number
  readonly crc: number
  /** Where reading began, and the CRC-32 (gzip's) of everything from there to the position. */
  readonly from: number
  readonly sum: number
}

/** Encoded events of one stream. */
export interface EncodedBatch {
  /** Events in the batch; 0 when only a position moves. */
  readonly count: number
  /** Canonical event bytes, each followed by one `\n`. */
  readonly payload: Uint8Array
  /** Bytes of each event, without the newline. Length `count`. */
  readonly lengths: Uint32Array
  /** `raw_data` bytes, one after the other, without separators. Empty when nothing is kept. */
  readonly raw: Uint8Array
  /** Bytes of each event's `raw_data`, 0 where none is kept. Length `count`. */
  readonly rawLengths: Uint32Array
  /**
   * Which routes each event matched: `routeWords` words an event, bit i of word w = route `32 * w + i` of the
   * route table. Length `count * routeWords`.
   */
  readonly routes: Uint32Array
  readonly routeWords: number
  /** Unix milliseconds. */
  readonly observedMin: number
  readonly observedMax: number
  /** What `payload` lies in, where that is used again: by others, once all who held it have let go. */
  readonly memory?: HeldMemory | undefined
}

/** One stream's part in a journal block. */
export interface StreamUpdate {
  /** The stream's id: 32 hex digits. */
  readonly stream: string
  /**
   * What its receiver needs to find the input again after a restart (for a file: device, inode, head …), opaque
   * to the journal. Given with a stream's first block; kept, with the last position, in every later segment's
   * snapshot until the stream is forgotten. A stream without one leaves no trace in snapshots.
   */
  readonly descriptor?: Uint8Array
  /** The position once this block is read. Absent for streams that cannot be read again (OTLP). */
  readonly position?: StreamPosition
  /**
   * What must be known of this block again after a restart, opaque to the journal, which gives back those of recent
   * blocks (`Journal.memos`). It is kept with the block, and goes with it. Not empty.
   */
  readonly memo?: Uint8Array
}

/** Where a batch went, once it is durable. */
export interface Commit {
  readonly firstSeq: number
  readonly count: number
}

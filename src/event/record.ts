/** What receivers hand to the normaliser: records with where they came from. */
import { type LaidOut, lineLength, type RecordValues, writeLine } from './record-layout.ts'
import type { RecordMarks } from './record-marks.ts'
import type { ScopePath } from './scope-path.ts'

/** Bytes at most of a record over the size limit that are kept as its raw data. */
export const oversizeHead = 64 * 1024

/** One ordered input, as the normaliser and the events' provenance know it. */
export interface StreamContext {
  /** 32 hex digits: `provenance.stream`. For a file, the generation: stable across rename and loss of state. */
  readonly id: string
  /** The receiver's name in the configuration. */
  readonly receiver: string
  /** The preset that its first records were found to be of, where the configuration leaves that open. */
  readonly preset?: string
  /** Of a file: where it was when it became this stream. */
  readonly path?: string
  /** Of a container's log: whose it is, as the API server says at this moment. */
  readonly pod?: PodFacts
  /** For `quality.warnings` of each of its events. */
  readonly warnings?: readonly string[]
}

/** A pod and the container of it that wrote a log. Plain JSON; the same object for as long as it says the same. */
export interface PodFacts {
  readonly namespace: string
  readonly pod: string
  /** Unknown where only a link's name tells. */
  readonly pod_uid?: string
  readonly container?: string
  readonly image?: string
  readonly node?: string
  /** What its containers take for the name of their host. */
  readonly host?: string
  readonly service_account?: string
  /** Who made it, as people know that: a Deployment rather than its ReplicaSet. */
  readonly workload?: { readonly kind: string; readonly name: string }
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** Complete lines, as read. */
export interface LineChunk {
  readonly stream: StreamContext
  /**
   * Whole lines, each ending in `\n`. They stay as they are until the chunk is committed or has failed; then their
   * memory is used again.
   */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Byte offset of `bytes[0]` in the stream. */
  readonly offset: number
  /** When it was read, unix milliseconds. */
  readonly observed: number
  /**
   * Set when this is not lines but the head of one record that is over the size limit: it becomes one event
   * with `quality.parse: failed`, its head as `raw_data`, and the whole record's size and hash.
   */
  readonly oversize?: { readonly size: number; readonly sha256: string }
  /** Set when the records are not simply the stream's lines: joined from several, unwrapped, or in another encoding. */
  readonly frames?: RecordFrames
}

/**
 * Where each record lies in a chunk's bytes, and where it came from. Columns of one length, in the order in which the
 * records enter the journal. The bytes of a record hold what its preset reads: UTF-8 (or whatever bytes the input had),
 * without its line end; a joined one has `\n` between its lines.
 */
export interface RecordFrames {
  /** Record i is `bytes[starts[i], ends[i])` of the chunk. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** Byte offset in the stream of the record's first byte. */
  readonly offsets: readonly number[]
  /** Bytes of the stream from there to the end of the record's last line, without its line end. */
  readonly lengths: readonly number[]
  /** What the container runtime said of each record; absent where none wrapped a line. */
  readonly containers?: readonly (ContainerLine | undefined)[]
  /** For `quality.warnings`, by record. */
  readonly warnings?: readonly (readonly string[] | undefined)[]
}

/** Around a line of a container's log (CRI, Docker's json-file). */
export interface ContainerLine {
  /** RFC 3339, as written. */
  readonly time: string
  readonly output: 'stdout' | 'stderr'
}

/** Records that a client delivers, and waits for: decoded (OTLP), or as texts. */
export interface RecordChunk {
  readonly stream: StreamContext
  readonly records: readonly ReceivedRecord[]
  /** `provenance.index` of the first record. */
  readonly index: number
  readonly observed: number
  /** Who delivered it: `provenance.peer`. */
  readonly peer?: RecordPeer
  /** Of those records that are laid out. They stay as they are until the chunk is committed or has failed. */
  readonly values?: RecordValues
  /** What is to be remembered of it, so that what is sent again is known. Absent: nothing. */
  readonly marks?: RecordMarks
}

/** The one on the other side of a connection. */
interface RecordPeer {
  readonly ip?: string
  /** Of its credential. */
  readonly auth_id?: string
  /** The scopes of what it may deliver; absent: any. A record with another one is rejected. */
  readonly scopes?: readonly ScopePath[]
}

/** Who delivered a record, as its provenance says it. */
export const identityOf = ({ ip, auth_id }: RecordPeer): Pick<RecordPeer, 'ip' | 'auth_id'> => ({
  ...(auth_id === undefined ? {} : { auth_id }),
  ...(ip === undefined ? {} : { ip }),
})

export type ReceivedRecord = DecodedRecord | TextRecord | LineRecord

interface RecordFacts {
  /** The producer's own id, when the protocol carries one. */
  readonly id?: { readonly uuid: string } | { readonly uid: string; readonly producer: string }
  /** By what it is known again where it brings no such id, and its event finds its own: producer, newline, its id there. */
  readonly knownBy?: string
  /** Of one that is known again, what it is told by from others that are known by the same: a hash as a text (record-marks.ts). Default: from all that it says. */
  readonly content?: string
  /** When it happened, as the message around it says: the event's time where the record itself says none. */
  readonly time?: string
  /** Problems met while receiving, for `quality.warnings`. */
  readonly warnings?: readonly string[]
  /** The producer's proof was checked and holds: `integrity.verified`. Only a receiver can say so, never a mapping. */
  readonly verified?: true
}

/** Plain JSON in the preset's vocabulary. */
export interface DecodedRecord extends RecordFacts {
  /** Without prototypes and undefined. What no rule consumes goes to `unmapped`. */
  readonly value: Readonly<Record<string, unknown>>
  /** Set where the record was part of another one: all of that, and what it has beside this one. */
  readonly within?: {
    readonly whole: Readonly<Record<string, unknown>>
    readonly beside: Readonly<Record<string, unknown>>
  }
  /** Bytes that it came in, where that is known. */
  readonly size?: number
  /** The text that stands for it where it is kept as it came, if that says more than `value`: what its producer signed. */
  readonly asSigned?: string
}

/** As a producer would have written it into a file: what the preset's decoder reads. */
export interface TextRecord extends RecordFacts {
  readonly text: string
  /** Set where it came in bytes that are not UTF-8: `text` has a character for each of them. */
  readonly encoding?: 'latin1'
  /** Set where `text` is only the head of a record that is over the size limit: size in bytes and hash of the whole. */
  readonly oversize?: { readonly size: number; readonly sha256: string }
  /** Set where nobody is to read it, but to keep it: why, for `quality.warnings`. */
  readonly unread?: string
  /** Set where it was part of another record: the text of that, and what it has beside this one. */
  readonly within?: { readonly whole: string; readonly beside: Readonly<Record<string, unknown>> }
}

/** What a `DecodedRecord` would be, as a line of JSON with its values apart: they are among the chunk's `values`. */
export interface LineRecord extends LaidOut {
  readonly id?: RecordFacts['id'] | undefined
  /** In place of an id: where in the values' bytes it lies, as `producerUuid` gives it. */
  readonly uuidAt?: number | undefined
  /** Where its content's hash lies there: 16 bytes. */
  readonly contentAt?: number | undefined
  /** None has one. */
  readonly knownBy?: undefined
}

const textIn = ({ bytes }: RecordValues, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')

export function decodedRecord(record: LineRecord, values: RecordValues): DecodedRecord {
  const { uuidAt, contentAt } = record
  const content = contentAt === undefined ? undefined : textIn(values, contentAt, contentAt + 16)
  const id = uuidAt === undefined ? record.id : { uuid: textIn(values, uuidAt, uuidAt + 36) }
  const line = Buffer.allocUnsafe(lineLength(record, values))
  writeLine(record, values, line)
  const value: DecodedRecord['value'] = JSON.parse(line.toString())
  return { value, ...(id && { id }), ...(content !== undefined && { content }) }
}

/** What goes into a stencil's holes and is none of the line's own values. */
import type { LineChunk } from '../../event/record.ts'
import { latestTime } from '../clock-skew.ts'
import { type Added, nothingAdded } from './answer-words.ts'
import { type Piece, pieceOf } from './piece.ts'
import type { TimeText } from './time-text.ts'

/** What is filled in besides the slots. One object for a chunk; what differs from line to line is set for each. */
export interface LineFacts {
  readonly bytes: Buffer
  /** The same bytes. */
  readonly view: DataView
  /** Where the line is in `bytes`. */
  start: number
  length: number
  /** Bytes that it has in the stream: more than `length` where the record was joined or unwrapped. */
  extent: number
  /** Ids of the chunk's lines, 36 bytes each, and where this line's begins. */
  ids: DataView
  idAt: number
  readonly observed: Piece
  readonly stream: Piece
  /** In the stream. */
  offset: number
  /** Of one of several records in a line; of a record that a client delivered. */
  index: number | undefined
  /** Of who delivered it: `"peer":{…},`. */
  readonly peer: Piece
  /** What slots were read as: the shape's times, and its parts. */
  readonly times: TimeText[]
  readonly parts: string[]
  /** A later time is told of, in an event that no stencil is for. */
  readonly latest: string
  /** What enrichers add. */
  added: Added
}

const nobody = pieceOf(new Uint8Array(0))

const viewOf = (text: string): DataView => {
  const bytes = Buffer.from(text, 'latin1')
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The facts of a chunk; its lines' are still to be set. `ids` as `recordIds` makes them. */
export function lineFacts(
  chunk: Pick<LineChunk, 'bytes' | 'stream' | 'observed'>,
  ids: string,
  observedTime: string,
  peer = nobody,
): LineFacts {
  const { bytes, stream } = chunk
  return {
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    ids: viewOf(ids),
    observed: pieceOf(Buffer.from(observedTime)),
    stream: pieceOf(Buffer.from(stream.id)),
    latest: latestTime(chunk.observed),
    start: 0,
    length: 0,
    extent: 0,
    idAt: 0,
    offset: 0,
    index: undefined,
    peer,
    times: [],
    parts: [],
    added: nothingAdded,
  }
}

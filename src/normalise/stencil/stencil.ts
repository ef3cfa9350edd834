/**
 * A stencil: the canonical bytes of the events of one shape with the same deciding values, and holes for what differs
 * from line to line. Filling it is copying.
 */
import { writeProducerId as writeProducerIdOf } from '../../event/id.ts'
import type { LineChunk } from '../../event/record.ts'
import { latestTime } from '../clock-skew.ts'
import type { KeyPlace, Prepared } from './additions.ts'
import { alone } from './slot-class.ts'

/**
 * What goes into a hole. Below zero: something about the line; from zero on: the slot with this index, and behind the
 * slots the times that were read. The last ones are no holes but places: a `producerId` is made of what stands between
 * them.
 */
export const holes = {
  id: -1,
  observed: -2,
  stream: -3,
  offset: -4,
  length: -5,
  end: -6,
  producerId: -7,
  productBegins: -8,
  productEnds: -9,
  sourceIdBegins: -10,
  sourceIdEnds: -11,
  /** Empty, but for one of several records in a line: a whole member of provenance. */
  index: -12,
} as const

export interface Stencil {
  /**
   * Fixed bytes, each followed by a hole; the last by `holes.end`. In one array, since hundreds of stencils take turns
   * and many small arrays would not stay in the processor's cache. Of each piece: its length in bytes, its hole, and
   * the bytes, four to a word, the last word padded.
   */
  readonly program: Int32Array
  /** How many slots there are: the hole of time 0. */
  readonly slots: number
  readonly times: readonly ReadTime[]
  /** Where the keys of enrichers are, and the structure of what each adds. */
  readonly keys: readonly KeyPlace[]
  readonly structures: readonly number[]
  /** The hole of what is first added; and of each, which enricher's it is, and which of its values. */
  readonly firstAddition: number
  readonly additions: readonly { readonly enricher: number; readonly value: number }[]
  /** Whether the event's id is made of its producer's. */
  readonly hasProducerId: boolean
  /** Classes of the slots that may decide (slot-class.ts), in their order; the values of those that decide alone. */
  readonly deciding: readonly Deciding[]
  /** Whether the events lack an answer that is required. */
  readonly incomplete: boolean
  /** Bytes of an event, less those of its slots. */
  readonly fixedBytes: number
  /** How often a slot's bytes may occur at most. */
  readonly copies: number
}

/** Bytes to be written four at a time, the last ones padded. */
export interface Piece {
  readonly words: Uint32Array
  readonly length: number
}

/** @param parts fixed bytes and the hole behind them */
export function programOf(
  parts: readonly { readonly bytes: Uint8Array; readonly hole: number }[],
): Int32Array {
  return Int32Array.from(
    parts.flatMap(({ bytes, hole }) => {
      const { words, length } = pieceOf(bytes)
      return [length, hole, ...words]
    }),
  )
}

export function pieceOf(bytes: Uint8Array): Piece {
  const padded = new Uint8Array((bytes.length + 3) & ~3)
  padded.set(bytes)
  const view = new DataView(padded.buffer)
  return {
    words: Uint32Array.from({ length: padded.length / 4 }, (_, i) => view.getUint32(4 * i, true)),
    length: bytes.length,
  }
}

/** A slot that must hold a time. */
interface ReadTime {
  /** Which of the shape's times. */
  readonly index: number
  /** What reading it left to say; see slot-time.ts. */
  readonly kind: number
}

interface Deciding {
  readonly slot: number
  readonly class: number
  readonly bytes: Uint8Array
}

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
  readonly ids: DataView
  idAt: number
  readonly observed: Piece
  readonly stream: Piece
  /** In the stream. */
  offset: number
  /** Of one of several records in a line. */
  index: number | undefined
  /** What the slots that are times were read as. */
  readonly times: string[]
  /** A later time is told of, in an event that no stencil is for. */
  readonly latest: string
  /** What enrichers add, and its bytes. */
  additions: readonly Prepared[]
  addedBytes: number
}

const nothingAdded: readonly Prepared[] = []

const viewOf = (text: string): DataView => {
  const bytes = Buffer.from(text, 'latin1')
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The facts of a chunk; its lines' are still to be set. `ids` as `recordIds` makes them. */
export function lineFacts(chunk: LineChunk, ids: string, observedTime: string): LineFacts {
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
    times: [],
    additions: nothingAdded,
    addedBytes: 0,
  }
}

/** Where events are written. */
export interface Output {
  /** Makes room for `more` bytes from `at` on. */
  room(more: number): void
  readonly bytes: Uint8Array
  readonly view: DataView
  at: number
}

/** Where the parts of a `producerId` begin and end in the output. */
const places = { id: 0, productBegins: 0, productEnds: 0, sourceIdBegins: 0, sourceIdEnds: 0 }

/**
 * Writes the event to `output`; false, and nothing is written, when this line's id takes more than copying. Everything
 * is copied four bytes at a time, up to three too many: what follows overwrites them, and there is room behind the last.
 */
export function fill(stencil: Stencil, slots: Int32Array, facts: LineFacts, output: Output): boolean {
  const { program, slots: firstTime, hasProducerId } = stencil
  output.room(stencil.fixedBytes + stencil.copies * facts.length + facts.addedBytes)
  const { bytes: out, view } = output
  let to = output.at
  for (let p = 0; p < program.length; ) {
    const length = program[p]!
    const hole = program[p + 1]!
    p += 2
    const end = to + length
    for (; to < end; to += 4) view.setInt32(to, program[p++]!, true)
    to = end
    if (hole >= 0) {
      if (hole >= stencil.firstAddition) to = writeAddition(stencil, facts, hole, view, to)
      else if (hole >= firstTime) to = writeText(out, to, facts.times[hole - firstTime]!)
      else {
        const from = slots[2 * hole]!
        const until = slots[2 * hole + 1]!
        copy(facts.view, from, until, view, to)
        to += until - from
      }
    } else if (hole === holes.id) {
      copy(facts.ids, facts.idAt, facts.idAt + 36, view, to)
      to += 36
    } else if (hole === holes.observed) {
      writePiece(facts.observed, view, to)
      to += facts.observed.length
    } else if (hole === holes.stream) {
      writePiece(facts.stream, view, to)
      to += facts.stream.length
    } else if (hole === holes.offset) {
      to = writeNumber(out, to, facts.offset)
    } else if (hole === holes.length) {
      to = writeNumber(out, to, facts.extent)
    } else if (hole === holes.index) {
      if (facts.index !== undefined) to = writeText(out, to, `"index":${facts.index},`)
    } else if (hole < holes.end) {
      to = place(hole, to)
    }
  }
  if (hasProducerId && !writeProducerId(out)) return false
  output.at = to
  return true
}

function writeAddition(
  { additions, firstAddition }: Stencil,
  facts: LineFacts,
  hole: number,
  view: DataView,
  at: number,
): number {
  const { enricher, value } = additions[hole - firstAddition]!
  const piece = facts.additions[enricher]!.values[value]!
  writePiece(piece, view, at)
  return at + piece.length
}

/** Notes where a part of the producer's id begins or ends, or leaves room for the id; returns where to go on. */
function place(hole: number, at: number): number {
  switch (hole) {
    case holes.productBegins:
      places.productBegins = at
      return at
    case holes.productEnds:
      places.productEnds = at
      return at
    case holes.sourceIdBegins:
      places.sourceIdBegins = at
      return at
    case holes.sourceIdEnds:
      places.sourceIdEnds = at
      return at
    default:
      places.id = at
      return at + 36
  }
}

/** Whether the producer's words stand there as they are: an escape is not what it says. */
function writeProducerId(out: Uint8Array): boolean {
  const { id, productBegins, productEnds, sourceIdBegins, sourceIdEnds } = places
  const product = out.subarray(productBegins, productEnds)
  const sourceId = out.subarray(sourceIdBegins, sourceIdEnds)
  if (product.includes(0x5c) || sourceId.includes(0x5c)) return false
  writeProducerIdOf(out, id, product, sourceId)
  return true
}

function writePiece({ words }: Piece, view: DataView, at: number): void {
  for (let i = 0, to = at; i < words.length; i++, to += 4) view.setUint32(to, words[i]!, true)
}

function copy(source: DataView, from: number, end: number, view: DataView, at: number): void {
  let to = at
  let next = from
  const safe = Math.min(end, source.byteLength - 3)
  for (; next < safe; next += 4, to += 4) view.setUint32(to, source.getUint32(next, true), true)
  for (; next < end; next++, to++) view.setUint8(to, source.getUint8(next))
}

/** A whole number from 0. */
function writeNumber(out: Uint8Array, at: number, value: number): number {
  if (value > 0x7fffffff) return writeText(out, at, String(value))
  let end = at + 1
  for (let rest = value; rest > 9; rest = (rest / 10) | 0) end++
  let rest = value
  for (let to = end - 1; to >= at; to--) {
    const tenth = (rest / 10) | 0
    out[to] = 0x30 + rest - tenth * 10
    rest = tenth
  }
  return end
}

/** ASCII. */
function writeText(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i)
  return at + text.length
}

/** Whether the line's deciding values are this stencil's. `classes`: of its slots that may decide, in their order. */
export function fits(
  { deciding }: Stencil,
  classes: Int32Array,
  slots: Int32Array,
  bytes: Uint8Array,
): boolean {
  for (let i = 0; i < deciding.length; i++) {
    const { slot, class: known, bytes: wanted } = deciding[i]!
    if (classes[i] !== known) return false
    if (known !== alone) continue
    const from = slots[2 * slot]!
    if (slots[2 * slot + 1]! - from !== wanted.length) return false
    for (let at = 0; at < wanted.length; at++) if (bytes[from + at] !== wanted[at]) return false
  }
  return true
}

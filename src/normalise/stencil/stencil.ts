/**
 * A stencil: the canonical bytes of the events of one shape with the same deciding values, and holes for what differs
 * from line to line. Filling it is copying.
 */
import type { LineChunk } from '../../event/record.ts'

/** What goes into a hole. Below zero: something about the line; from zero on: the slot with this index. */
export const holes = { id: -1, observed: -2, stream: -3, offset: -4, length: -5, end: -6 } as const

export interface Stencil {
  /**
   * Fixed bytes, each followed by a hole; the last by `holes.end`. In one array, since hundreds of stencils take turns
   * and many small arrays would not stay in the processor's cache. Of each piece: its length in bytes, its hole, and
   * the bytes, four to a word, the last word padded.
   */
  readonly program: Int32Array
  /** Index of the slot that is read as a time, and the hole that its time goes into; -1 where there is none. */
  readonly time: TimeHole | undefined
  /** The deciding values: index of the slot, and its bytes. */
  readonly deciding: readonly { readonly slot: number; readonly bytes: Uint8Array }[]
  /** Whether the events lack an answer that is required. */
  readonly incomplete: boolean
  /** Bytes of an event, less those of its slots. */
  readonly fixedBytes: number
  /** How often a slot's bytes may occur at most. */
  readonly copies: number
}

/** Bytes to be written four at a time, the last ones padded. */
interface Piece {
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

function pieceOf(bytes: Uint8Array): Piece {
  const padded = new Uint8Array((bytes.length + 3) & ~3)
  padded.set(bytes)
  const view = new DataView(padded.buffer)
  return {
    words: Uint32Array.from({ length: padded.length / 4 }, (_, i) => view.getUint32(4 * i, true)),
    length: bytes.length,
  }
}

interface TimeHole {
  readonly slot: number
  /** Number under which `holes` has it. */
  readonly hole: number
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
  /** What the time slot was read as; undefined without one. */
  time: string | undefined
}

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
    start: 0,
    length: 0,
    extent: 0,
    idAt: 0,
    offset: 0,
    time: undefined,
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

/**
 * Writes the event to `output`. Everything is copied four bytes at a time, up to three too many: what follows
 * overwrites them, and there is room behind the last.
 */
export function fill(stencil: Stencil, slots: Int32Array, facts: LineFacts, output: Output): void {
  const { program, time } = stencil
  output.room(stencil.fixedBytes + stencil.copies * facts.length)
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
      if (time !== undefined && hole === time.hole) to = writeText(out, to, facts.time!)
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
    }
  }
  output.at = to
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

/** Whether the line's deciding values, `count` of them, are this stencil's. */
export function fits(stencil: Stencil, count: number, slots: Int32Array, bytes: Uint8Array): boolean {
  // Equal bytes decide alike, so as many slots with equal bytes are all that decide.
  if (stencil.deciding.length !== count) return false
  for (const { slot, bytes: wanted } of stencil.deciding) {
    const from = slots[2 * slot]!
    if (slots[2 * slot + 1]! - from !== wanted.length) return false
    for (let i = 0; i < wanted.length; i++) if (bytes[from + i] !== wanted[i]) return false
  }
  return true
}

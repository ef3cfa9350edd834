/** Fills a stencil: writes the event of a line. */
import { writeProducerId as writeProducerIdOf } from '../../event/id.ts'
import { writeNextValue } from './answer-words.ts'
import type { LineFacts } from './line-facts.ts'
import { writePiece } from './piece.ts'
import { holes } from './program.ts'
import type { Stencil } from './stencil.ts'
import { copy, writeNumber, writeText } from './write-bytes.ts'

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
  const { program, slots: firstTime, firstPart, firstAddition, hasProducerId } = stencil
  output.room(stencil.fixedBytes + stencil.copies * facts.length + facts.added.bytes + facts.peer.length)
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
      if (hole >= firstAddition) to = writeNextValue(facts.added, hole - firstAddition, view, to)
      else if (hole >= firstPart) to = writeText(out, to, facts.parts[hole - firstPart]!)
      else if (hole >= firstTime) {
        const time = facts.times[hole - firstTime]!
        copy(time.view, 0, time.length, view, to)
        to += time.length
      } else {
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
    } else if (hole === holes.received) {
      to = writeNumber(out, writeText(out, to, '"index":'), facts.index!)
      out[to++] = 0x2c
      writePiece(facts.peer, view, to)
      to += facts.peer.length
    } else if (hole < holes.end) {
      to = place(hole, to)
    }
  }
  if (hasProducerId && !writeProducerId(out)) return false
  output.at = to
  return true
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

/** What a stencil's events are written from: fixed bytes, and the holes between them. */
import { pieceOf } from './piece.ts'

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
  /** Of a record that a client delivered: its index, and who delivered it: whole members of provenance. */
  received: -13,
} as const

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

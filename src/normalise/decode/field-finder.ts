/**
 * Finds a record's values in the bytes of its line, and makes nothing of them. What a finder cannot be sure of it leaves
 * to the decoder, whose word counts: it is a short cut, never another way.
 */
export interface FieldFinder {
  /**
   * The layout of the line, from 0, or `noLayout`. For lines of one layout the decoder has no warnings, and their
   * records differ in nothing but the values at `pathsOf` the layout: none of them empty, each standing in the line, or in the
   * finder's copy of it, as JSON writes it. `bytes` are UTF-8.
   */
  find(bytes: Uint8Array, start: number, end: number): number
  /** `[from, to)` of each value of the last line that had a layout, in the order of its paths. */
  readonly places: Int32Array
  /** A copy of a line, with values behind it that do not stand there as JSON writes them. */
  readonly copy?: Uint8Array<ArrayBuffer>
  /** Bytes of the copy of the last line that had a layout; 0 where its values are in the line itself. */
  readonly copied?: number
  pathsOf(layout: number): readonly FieldPath[]
}

export type FieldPath = readonly (string | number)[]

export const noLayout = -1

/** Whether a character of the text is a byte, and none but a quote is written in another way by JSON. */
export const isPlainAscii = /^[ -[\]-~]*$/

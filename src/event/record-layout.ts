/**
 * Records as their values, apart from what stands around them. Records that one program writes have few layouts, and of
 * one layout nothing differs but values: who knows the layout need not look for them.
 *
 * Invariant: a layout's literals with values between them are a line of JSON as `JSON.stringify` writes it, the members in any
 * order. A value is what is between a string's quotes, and not empty, or a number of at most 15 digits without an exponent.
 */

/** Digits that a double always keeps. */
export const mostDigits = 15

/** Whether JSON's text of a number is one that may be a value. */
export const isPlainNumber = (text: string): boolean =>
  /^-?\d+(?:\.\d+)?$/.test(text) && text.replaceAll(/[-.]/g, '').length <= mostDigits

export interface RecordLayout {
  /** In this process the same number is the same layout. */
  readonly number: number
  /** What stands before each value, and behind the last: one behind the other. */
  readonly literals: Uint8Array
  /** Where each literal ends. */
  readonly ends: Int32Array
  /** Behind each literal but the last: which of the record's values stands there. */
  readonly order: Int32Array
}

/** The values of a chunk's records. */
export interface RecordValues {
  /** UTF-8. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** `[from, to)` of each in `bytes`. Those of one record lie behind each other, in their order. */
  readonly places: Int32Array
}

/** A record, by its values. */
export interface LaidOut {
  readonly layout: RecordLayout
  /** Which of the chunk's values is its first. */
  readonly first: number
}

/** Bytes of a record's values: they lie behind each other. */
export function valuesLength({ layout, first }: LaidOut, { places }: RecordValues): number {
  const { length } = layout.order
  return length === 0 ? 0 : places[2 * (first + length) - 1]! - places[2 * first]!
}

/** Bytes of a record as a line. */
export const lineLength = (record: LaidOut, values: RecordValues): number =>
  record.layout.literals.length + valuesLength(record, values)

/** Writes a record as a line, from the beginning of `out`, which has room; and `[from, to)` of its values there into `slots`. */
export function writeLine(
  { layout, first }: LaidOut,
  { bytes, places }: RecordValues,
  out: Uint8Array,
  slots: number[] = [],
): void {
  const { literals, ends, order } = layout
  let at = 0
  let literal = 0
  for (const [i, end] of ends.entries()) {
    out.set(literals.subarray(literal, end), at)
    at += end - literal
    literal = end
    if (i === order.length) break
    const place = 2 * (first + order[i]!)
    const value = bytes.subarray(places[place], places[place + 1])
    out.set(value, at)
    slots.push(at, at + value.length)
    at += value.length
  }
}

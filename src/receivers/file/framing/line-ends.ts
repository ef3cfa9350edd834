/** Where lines end in a file's bytes: on a byte, or on a code unit of two bytes. */

export interface LineEnds {
  /** A newline's bytes: 1 or 2 of them. A line begins at a multiple of their number. */
  readonly newline: Buffer
  /** Index of the first newline in `bytes` from index `from` on, or -1. `bytes` begins where a unit does. */
  first(bytes: Buffer, from?: number): number
  /** Index behind the last newline in `bytes`, 0 when there is none. */
  behindLast(bytes: Buffer): number
}

export const byteLineEnds: LineEnds = {
  newline: Buffer.of(0x0a),
  first: (bytes, from = 0) => bytes.indexOf(0x0a, from),
  behindLast: (bytes) => bytes.lastIndexOf(0x0a) + 1,
}

/** U+000A as a unit of its own: the byte 0A is half of many others (U+0A0A, U+010A). */
function unitLineEnds(newline: Buffer): LineEnds {
  return {
    newline,
    first(bytes, from = 0) {
      let at = bytes.indexOf(newline, from)
      while (at >= 0 && at % 2 === 1) at = bytes.indexOf(newline, at + 1)
      return at
    },
    behindLast(bytes) {
      let at = bytes.lastIndexOf(newline)
      while (at > 0 && at % 2 === 1) at = bytes.lastIndexOf(newline, at - 1)
      return at >= 0 && at % 2 === 0 ? at + 2 : 0
    },
  }
}

export const utf16leLineEnds = unitLineEnds(Buffer.of(0x0a, 0x00))
export const utf16beLineEnds = unitLineEnds(Buffer.of(0x00, 0x0a))

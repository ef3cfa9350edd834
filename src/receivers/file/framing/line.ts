/** One line on its way through the framing. */

export interface Line {
  /** UTF-8 (or whatever bytes the file had), without its line end. Valid until the next reading. */
  readonly text: Buffer
  /** Byte offset in the stream at which it begins, what precedes its text (a byte order mark, NULs) included. */
  readonly start: number
  /** Byte offset of its text. */
  readonly textStart: number
  /** Byte offset behind its text, before its line end. */
  readonly textEnd: number
  /** Byte offset of the next line. */
  readonly next: number
  readonly warnings?: readonly string[]
}

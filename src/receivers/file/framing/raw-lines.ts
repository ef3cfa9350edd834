/** A reading's bytes as lines. */
import type { Decoder } from './encoding.ts'
import type { Line } from './line.ts'

/**
 * The lines of `bytes`, which begin at `offset` in the stream; a last one without a newline is one, too. What is no
 * part of a line's text: its line end (`\n`, `\r\n`), NULs before it (what truncation can leave behind), and a byte
 * order mark at the beginning of the file. `end` is where the bytes end in the stream, if they have a newline more.
 */
export function* rawLines(bytes: Buffer, offset: number, decoder: Decoder, end = Infinity): Generator<Line> {
  const { lineEnds, mark, carriageReturn, nul } = decoder
  const unit = nul.length
  for (let start = 0; start < bytes.length; ) {
    const newlineAt = lineEnds.first(bytes, start)
    const lineEnd = newlineAt < 0 ? bytes.length : newlineAt
    const next = newlineAt < 0 ? bytes.length : newlineAt + lineEnds.newline.length
    let from = start
    if (offset === 0 && start === 0 && startsWith(bytes, mark, 0, lineEnd)) from += mark.length
    while (startsWith(bytes, nul, from, lineEnd)) from += unit
    const hasReturn = lineEnd - unit >= from && startsWith(bytes, carriageReturn, lineEnd - unit, lineEnd)
    const to = hasReturn ? lineEnd - unit : lineEnd
    yield {
      ...decoder.decode(bytes.subarray(from, to)),
      start: offset + start,
      textStart: offset + from,
      textEnd: offset + to,
      next: Math.min(offset + next, end),
    }
    start = next
  }
}

function startsWith(bytes: Buffer, wanted: Buffer, at: number, end: number): boolean {
  if (wanted.length === 0 || at + wanted.length > end) return false
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false
  return true
}

/** Output lines as documents of a shape, one a line as before. */
import type { ShapeName } from './shape.ts'
import { shapes } from './shapes.ts'

export interface Lines {
  /** Each line is followed by `\n`; of a single one it may be missing. */
  readonly lines: Buffer
  /** Bytes of each line, without the newline. */
  readonly lengths: Uint32Array
}

/** The lines themselves where the shape is `affiant`: those bytes are only ever copied. */
export function shapedLines<L extends Lines>(batch: L, name: ShapeName): L | (Omit<L, keyof Lines> & Lines) {
  if (name === 'affiant') return batch
  const { lines, lengths } = batch
  const shape = shapes[name]
  const shaped = new Uint32Array(lengths.length)
  const documents: Buffer[] = []
  let at = 0
  for (const [index, length] of lengths.entries()) {
    const newline = at + length < lines.length ? '\n' : ''
    const document = Buffer.from(shape.write(lines.toString('utf8', at, at + length)) + newline)
    documents.push(document)
    shaped[index] = document.length - newline.length
    at += length + 1
  }
  return { ...batch, lines: Buffer.concat(documents), lengths: shaped }
}

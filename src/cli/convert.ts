/** `affiant convert`: events from one shape to another, one document a line. */
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { nearest } from '../cel/nearest.ts'
import { AffiantError } from '../errors.ts'
import { type Shape, ShapeError, shapeNames } from '../shapes/shape.ts'
import { recognise, shapes } from '../shapes/shapes.ts'
import { openInputs } from './input.ts'
import { wholeLines } from './whole-lines.ts'

export interface ConvertOptions {
  /** A shape's name; by default each document's own. */
  readonly from?: string
  readonly to: string
  /** `-`, or none: the standard input. */
  readonly files: readonly string[]
  readonly input: Readable
  readonly output: Writable
  readonly errors: Writable
}

/** Bytes of the longest document that is read. */
const maxDocument = 64 * 1024 ** 2

/** @returns the exit code: 1 if any line carried no event. @throws AffiantError usage, and for what cannot be read */
export async function convertCommand(options: ConvertOptions): Promise<0 | 1> {
  const { files, input, output, errors } = options
  const from = options.from === undefined ? undefined : shapeNamed(options.from)
  const to = shapeNamed(options.to)
  let code: 0 | 1 = 0
  for (const { name, bytes } of openInputs(files, input)) {
    for await (const { text, number } of linesOf(bytes)) {
      try {
        const lines = linesIn(text, from)
        if (!output.write(lines.map((line) => `${to.write(line)}\n`).join(''))) await once(output, 'drain')
      } catch (thrown) {
        if (!(thrown instanceof ShapeError)) throw thrown
        code = 1
        errors.write(`${name}:${number}: ${thrown.message}\n`)
      }
    }
  }
  return code
}

/** Lines that are not blank, with their numbers; of one that is too long only the head, which is no JSON. */
async function* linesOf(input: AsyncIterable<Uint8Array>) {
  let number = 0
  for await (const { bytes } of wholeLines(input, maxDocument)) {
    for (const text of Buffer.from(bytes).toString().replace(/\n$/, '').split('\n')) {
      number++
      if (text.trim() !== '') yield { text, number }
    }
  }
}

function linesIn(text: string, from: Shape | undefined): string[] {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw new ShapeError('is no JSON: one document a line is read (jq -c . makes it so)')
  }
  const shape = from ?? recognise(document)
  if (shape === undefined) {
    throw new ShapeError('is of no shape that is known: raw records become events by affiant normalize')
  }
  return shape.read(document)
}

function shapeNamed(name: string): Shape {
  const found = shapeNames.find((each) => each === name)
  if (found !== undefined) return shapes[found]
  const guess = nearest(name, shapeNames)
  throw new AffiantError('usage', `there is no shape ${JSON.stringify(name)}`, {
    hint: `${guess === undefined ? '' : `did you mean ${guess}? `}there are ${shapeNames.join(', ')}`,
  })
}

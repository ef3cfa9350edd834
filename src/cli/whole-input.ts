/** An input that is one record over many lines, such as a JSON document written for people. */
import { AffiantError } from '../errors.ts'
import type { RecordFrames } from '../event/record.ts'

/** All bytes, and the frame that makes one record of them; nothing for an empty input. */
export interface WholeInput {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly size: number
  readonly frames: RecordFrames
}

/**
 * @param maxSize bytes
 * @throws AffiantError `usage` for an input that is larger
 */
export async function* wholeInput(
  input: AsyncIterable<Uint8Array>,
  maxSize: number,
): AsyncGenerator<WholeInput> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of input) {
    parts.push(part)
    size += part.length
    if (size > maxSize) {
      throw new AffiantError('usage', `the input is over ${maxSize} bytes, too much for one record`, {
        hint: 'without --whole, each line is a record',
      })
    }
  }
  const bytes = new Uint8Array(Buffer.concat(parts))
  // A byte order mark is no part of the record.
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  if (start === size) return
  yield {
    bytes,
    size,
    frames: { starts: [start], ends: [size], offsets: [start], lengths: [size - start] },
  }
}

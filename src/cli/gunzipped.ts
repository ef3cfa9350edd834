/** What a gzip input holds, read once from front to back: all that it gives before a fault, then the fault. */
import { AffiantError } from '../errors.ts'
import { Gunzip, GzipFault } from '../receivers/file/source/gunzip.ts'

/** @throws AffiantError `input_format` */
export async function* gunzipped(input: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const gunzip = new Gunzip({
    start: { compressed: 0, decompressed: 0 },
    input: inTurn(input),
    member: () => {},
  })
  try {
    for (let bytes = await gunzip.next(); bytes !== null; bytes = await gunzip.next())
      yield Buffer.from(bytes)
  } catch (thrown) {
    if (!(thrown instanceof GzipFault || thrown instanceof GoneInput)) throw thrown
    throw new AffiantError('input_format', `${name}: ${thrown.message}`, {
      hint: 'what comes before has been read',
    })
  } finally {
    gunzip.close()
  }
  if (gunzip.complete) return
  throw new AffiantError(
    'input_format',
    `${name}: the gzip data is cut off, after ${gunzip.produced} decompressed bytes`,
    { hint: 'what comes before has been read' },
  )
}

/** Thrown where a damaged member would have to be read again: a pipe gives its bytes once. */
class GoneInput extends Error {
  constructor(from: number, to: number) {
    super(`damaged gzip data between byte ${from} and byte ${to}`)
  }
}

/** A stream as something that is read at positions which only grow. */
function inTurn(input: AsyncIterable<Uint8Array>) {
  const chunks = input[Symbol.asyncIterator]()
  let held: Uint8Array = new Uint8Array(0)
  let from = 0
  let to = 0
  return async (buffer: Uint8Array, position: number): Promise<number> => {
    if (position < to) throw new GoneInput(from, to)
    while (held.length === 0) {
      const { done, value } = await chunks.next()
      if (done === true) return 0
      held = value
    }
    const part = held.subarray(0, buffer.length)
    buffer.set(part)
    held = held.subarray(part.length)
    from = to
    to += part.length
    return part.length
  }
}

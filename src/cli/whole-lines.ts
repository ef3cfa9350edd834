/** Cuts a stream of bytes at line ends, in memory that no line can exceed. */
import { createHash } from 'node:crypto'
import type { RecordFrames } from '../event/record.ts'

export interface WholeLines {
  /** Whole lines, each ending in a newline; or the head of one line that is too long. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Bytes of the input that this stands for. */
  readonly size: number
  /** Size and SHA-256 of a line that is too long, without its newline. */
  readonly oversize?: { readonly size: number; readonly sha256: string }
  /** Where the records lie, where they are not simply the lines. */
  readonly frames?: RecordFrames
}

/** Of a line that is too long this much is kept. */
const headBytes = 64 * 1024

/** @param maxLine bytes; a longer line is given by its head, size and hash. The last line may lack its newline. */
export async function* wholeLines(
  input: AsyncIterable<Uint8Array>,
  maxLine: number,
): AsyncGenerator<WholeLines> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  let giant: { hash: ReturnType<typeof createHash>; head: Uint8Array; size: number } | undefined

  const finishGiant = (newline: number): WholeLines => {
    const { hash, head, size } = giant!
    giant = undefined
    return {
      bytes: new Uint8Array(head),
      size: size + newline,
      oversize: { size, sha256: hash.digest('hex') },
    }
  }

  let fault: { readonly thrown: unknown } | undefined
  try {
    for await (let chunk of input) {
      if (giant !== undefined) {
        const newline = chunk.indexOf(0x0a)
        const part = newline < 0 ? chunk : chunk.subarray(0, newline)
        giant.hash.update(part)
        giant.size += part.length
        if (newline < 0) continue
        yield finishGiant(1)
        chunk = chunk.subarray(newline + 1)
      }
      const end = chunk.lastIndexOf(0x0a) + 1
      if (end > 0) {
        const bytes = new Uint8Array(Buffer.concat([...held, chunk.subarray(0, end)]))
        yield { bytes, size: bytes.length }
        held = []
        heldBytes = 0
      }
      if (end < chunk.length) held.push(chunk.subarray(end))
      heldBytes += chunk.length - end
      if (heldBytes > maxLine) {
        const bytes = Buffer.concat(held)
        giant = {
          hash: createHash('sha256').update(bytes),
          head: bytes.subarray(0, headBytes),
          size: heldBytes,
        }
        held = []
        heldBytes = 0
      }
    }
  } catch (thrown) {
    // What was read before it is given first.
    fault = { thrown }
  }
  if (giant !== undefined) yield finishGiant(0)
  if (heldBytes > 0) {
    yield { bytes: new Uint8Array(Buffer.concat([...held, Buffer.from('\n')])), size: heldBytes }
  }
  if (fault !== undefined) throw fault.thrown
}

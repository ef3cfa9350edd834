/** Lines of an input without a file behind it, joined into records as a file receiver joins them. */
import type { Joining } from '../event/joining.ts'
import { decoders } from '../receivers/file/framing/encoding.ts'
import type { FramedChunk } from '../receivers/file/framing/framed-chunk.ts'
import { Framer } from '../receivers/file/framing/framer.ts'
import { compileJoining } from '../receivers/file/framing/rules.ts'
import type { WholeLines } from './whole-lines.ts'

/**
 * @param joiningFor asked once, with the first bytes; undefined where each line is a record
 * @param maxRecord bytes, of one record and of all that are in the making
 */
export async function* joinedLines(
  lines: AsyncIterable<WholeLines>,
  joiningFor: (first: Uint8Array) => Joining | undefined,
  maxRecord: number,
): AsyncGenerator<WholeLines> {
  let framer: Framer | undefined
  let offset = 0
  let fault: { readonly thrown: unknown } | undefined
  try {
    for await (const chunk of lines) {
      const { size, bytes, oversize } = chunk
      if (offset === 0) {
        const joining = joiningFor(bytes)
        framer = joining && framerOf(joining, maxRecord)
      }
      const end = offset + size
      if (framer) {
        const input = { bytes: Buffer.from(bytes.buffer), offset, end, ...(oversize && { oversize }) }
        const now = performance.now()
        yield* [...framer.push(input, now), ...framer.quiet(now)].map(withoutPosition)
      } else yield chunk
      offset = end
    }
  } catch (thrown) {
    // What was read before it is given first.
    fault = { thrown }
  }
  if (framer) yield* framer.flush().map(withoutPosition)
  if (fault !== undefined) throw fault.thrown
}

function framerOf(joining: Joining, maxRecord: number): Framer {
  const options = { decoder: decoders['utf-8'], maxRecord, joining: compileJoining(joining) }
  return new Framer(options, { offset: 0, ranges: [] })
}

/** Its records say themselves where they lie. */
function withoutPosition({ bytes, frames, oversize }: FramedChunk): WholeLines {
  return { bytes, frames, size: 0, ...(oversize && { oversize }) }
}

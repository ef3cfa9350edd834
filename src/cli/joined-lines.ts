/** Lines of an input without a file behind it, unwrapped and joined into records as a file receiver does it. */
import type { Framing } from '../receivers/file/framing/begin.ts'
import type { FramedChunk } from '../receivers/file/framing/framed-chunk.ts'
import type { Framer } from '../receivers/file/framing/framer.ts'
import type { WholeLines } from './whole-lines.ts'

/** @param framingFor asked once, with the first bytes; null where each line is a record */
export async function* joinedLines(
  lines: AsyncIterable<WholeLines>,
  framingFor: (first: Uint8Array) => Promise<Framing | null>,
): AsyncGenerator<WholeLines> {
  let framer: Framer | undefined
  let offset = 0
  let fault: { readonly thrown: unknown } | undefined
  try {
    for await (const chunk of lines) {
      const { size, bytes, oversize } = chunk
      if (offset === 0) framer = (await framingFor(bytes))?.framer({ offset: 0, ranges: [] })
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

/** Its records say themselves where they lie. */
function withoutPosition({ bytes, frames, oversize }: FramedChunk): WholeLines {
  return { bytes, frames, size: 0, ...(oversize && { oversize }) }
}

/** What a file begins with, as texts. */
import type { ByteSource } from '../source/byte-source.ts'
import { type FramingRules, firstLines, framingOf } from './begin.ts'
import { isBlank } from './blank.ts'
import { decoders } from './encoding.ts'
import { rawLines } from './raw-lines.ts'

const most = 64

/**
 * As `rules` say: decoded, unwrapped, joined where a configuration says how. At most 64 lines of the first 64 KiB, blank ones left out. A line that ends there or at the end of the file is cut off,
 * and given only where it is the only one.
 */
export async function firstRecords(
  source: Pick<ByteSource, 'read'>,
  rules: FramingRules,
): Promise<readonly string[]> {
  const head = await firstLines(source)
  const framing = await framingOf(source, rules)
  const end = (framing?.lineEnds ?? decoders['utf-8'].lineEnds).behindLast(head)
  const bytes = end > 0 ? head.subarray(0, end) : head
  return texts(bytes, framing).slice(0, most)
}

function texts(bytes: Buffer, framing: Awaited<ReturnType<typeof framingOf>>): string[] {
  if (framing === null) {
    const lines = [...rawLines(bytes, 0, decoders['utf-8'])].map(({ text }) => text)
    return lines.filter((text) => !isBlank(text)).map(String)
  }
  const framer = framing.framer({ offset: 0, ranges: [] })
  const chunks = [...framer.push({ bytes, offset: 0, end: bytes.length }, 0), ...framer.flush()]
  return chunks.flatMap(({ bytes: text, frames }) =>
    frames.starts.map((start, i) => text.toString('utf8', start, frames.ends[i])),
  )
}

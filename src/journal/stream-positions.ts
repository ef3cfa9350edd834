/** How far streams had got at which seq, from the headers of blocks: no event is read. */
import { BlockScanner } from './block-scanner.ts'
import type { LiveStream } from './contract.ts'
import type { FileSystem } from './fs-port.ts'
import { readSnapshot, type Segment } from './segment.ts'
import { recoverStreams, updateOf } from './stream-recovery.ts'

/** Everything of `stream` below byte `offset` has become events below `seq`. */
export type Moved = (stream: string, seq: number, offset: number) => void

/**
 * The streams that can be read on, with their last positions. `moved` hears, in order, of every position that belongs
 * to a seq at or above `from`, and of one below for each stream where the journal still has it. The last of
 * `segments` ends where its blocks do.
 */
export async function readStreamPositions(
  fs: FileSystem,
  segments: readonly Segment[],
  from: number,
  moved: Moved,
): Promise<readonly LiveStream[]> {
  const streams = await recoverStreams(fs, segments)
  const first = Math.max(
    0,
    segments.findLastIndex(({ header }) => header.firstSeq <= from),
  )
  for (const segment of segments.slice(first)) {
    const isLast = segment === segments.at(-1)
    const file = await fs.open(segment.path, 'read')
    try {
      if (segment === segments[first]) {
        const snapshot = await readSnapshot(file, segment)
        for (const { stream, position } of snapshot?.list() ?? [])
          moved(stream, segment.header.firstSeq, position.offset)
      }
      const scanner = new BlockScanner(file, segment)
      const next = () => scanner.next(segment.end, Number.POSITIVE_INFINITY)
      for (let scanned = await next(); scanned; scanned = await next()) {
        const { header } = scanned
        if (!header) continue
        if (header.position) moved(header.stream, header.firstSeq + header.count, header.position.offset)
        if (isLast) streams.apply(updateOf(header))
      }
    } finally {
      await file.close()
    }
  }
  return streams.list()
}

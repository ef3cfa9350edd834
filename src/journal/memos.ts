/** What blocks are to be remembered by, after a restart: read from their headers, without their events. */
import { BlockScanner } from './block-scanner.ts'
import type { BlockMemo, SegmentMemos } from './contract.ts'
import type { FileSystem } from './fs-port.ts'
import type { Segment } from './segment.ts'
import type { SegmentSet } from './segment-set.ts'

/** Bytes read at a time: of a large block its header, of small ones several. */
const headersAtOnce = 16 * 1024

/** See `Journal.memos`. Rejects with what the file system says. */
export async function* readMemos(fs: FileSystem, segments: SegmentSet): AsyncGenerator<SegmentMemos> {
  for (const segment of segments.list().toReversed()) {
    // It may have expired meanwhile: what was in it is not wanted any more.
    if (segment.removed) continue
    yield { created: segment.header.created, memos: await memosOf(fs, segment) }
  }
}

async function memosOf(fs: FileSystem, segment: Segment): Promise<BlockMemo[]> {
  const memos: BlockMemo[] = []
  const file = await fs.open(segment.path, 'read')
  try {
    const scanner = new BlockScanner(file, segment, segment.header.dataStart, undefined, headersAtOnce)
    const { end } = segment
    const next = () => scanner.next(end, Infinity)
    for (let scanned = await next(); scanned; scanned = await next()) {
      if (!scanned.header?.memo) continue
      const { memo, firstSeq, writtenTime } = scanned.header
      memos.push({ memo: Buffer.from(memo), firstSeq, writtenTime })
    }
  } finally {
    await file.close()
  }
  return memos
}

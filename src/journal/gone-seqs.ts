/**
 * Seqs that were given away, and that no segment holds any more: a segment was taken away, cut, or lost under another
 * one. What retention removes leaves no such gap: it goes from the oldest on, and only after every cursor.
 */
import { BlockScanner } from './block-scanner.ts'
import type { DamagedSeqs } from './contract.ts'
import type { CursorContent } from './cursor-file.ts'
import type { FileSystem } from './fs-port.ts'
import type { Segment } from './segment.ts'

/** Before the oldest segment: what some sink has not settled. */
export function goneBefore(
  oldest: Segment | undefined,
  cursors: readonly Pick<CursorContent, 'epoch' | 'settled'>[],
): DamagedSeqs[] {
  if (!oldest) return []
  const { epoch, firstSeq } = oldest.header
  const needed = Math.min(...cursors.flatMap((cursor) => (cursor.epoch === epoch ? [cursor.settled] : [])))
  return needed < firstSeq ? [{ firstSeq: needed, lastSeq: firstSeq - 1, file: oldest.path, gone: true }] : []
}

/**
 * Between segments. Costs nothing where each file is as long as its successor's `base` says; otherwise its headers are
 * read.
 */
export async function goneBetween(fs: FileSystem, segments: readonly Segment[]): Promise<DamagedSeqs[]> {
  const gone: DamagedSeqs[] = []
  for (const [index, segment] of segments.entries()) {
    const successor = segments[index + 1]?.header
    if (!successor || segment.header.base + segment.size >= successor.base) continue
    const firstSeq = await seqBehind(fs, segment)
    if (successor.firstSeq > firstSeq) {
      gone.push({ firstSeq, lastSeq: successor.firstSeq - 1, file: segment.path, gone: true })
    }
  }
  return gone
}

/** The seq behind the last header that can be read. */
async function seqBehind(fs: FileSystem, segment: Segment): Promise<number> {
  const file = await fs.open(segment.path, 'read')
  try {
    const scanner = new BlockScanner(file, segment)
    const next = () => scanner.next(segment.end, Number.POSITIVE_INFINITY)
    let behind = segment.header.firstSeq
    for (let scanned = await next(); scanned; scanned = await next()) {
      if (scanned.header) behind = Math.max(behind, scanned.header.firstSeq + scanned.header.count)
    }
    return behind
  } finally {
    await file.close()
  }
}

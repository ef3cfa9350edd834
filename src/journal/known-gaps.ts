/** Which seqs a journal lacks, as far as headers, cursors and notes tell. What lies between blocks readers find. */
import type { CursorContent } from './cursor-file.ts'
import type { FileSystem } from './fs-port.ts'
import { goneBefore } from './gone-seqs.ts'
import type { SegmentList } from './segment-list.ts'
import { ToldDamage } from './told-damage.ts'

export interface KnownGap {
  readonly firstSeq: number
  /** Included; null: to the end, wherever that was. */
  readonly lastSeq: number | null
  /** For people. */
  readonly why: string
}

/** Ascending. A lower end that retention made is none. */
export async function knownGaps(
  fs: FileSystem,
  directory: string,
  { segments, unreadable }: SegmentList,
  cursors: readonly CursorContent[],
): Promise<KnownGap[]> {
  const gaps: KnownGap[] = unreadable.map(({ name, firstSeq, nextSeq, why }) => ({
    firstSeq,
    lastSeq: nextSeq === null ? null : nextSeq - 1,
    why: `${name}: ${why}`,
  }))
  const oldest = segments[0]
  if (oldest) {
    const { epoch, firstSeq } = oldest.header
    // What is unreadable before it has its own line.
    const end = Math.min(firstSeq, ...unreadable.map((segment) => segment.firstSeq))
    const told = await ToldDamage.read(fs, directory, epoch)
    const needed = goneBefore(oldest, cursors)[0]?.firstSeq ?? firstSeq
    const from = Math.min(needed, told.reachingTo(firstSeq))
    if (from < end) gaps.push({ firstSeq: from, lastSeq: end - 1, why: 'gone before every sink had them' })
  }
  return gaps
    .filter(({ firstSeq, lastSeq }) => lastSeq === null || lastSeq >= firstSeq)
    .toSorted((a, b) => a.firstSeq - b.firstSeq)
}

/** `3..7`, or `3..?` where nobody knows how far. */
export const gapSeqs = ({ firstSeq, lastSeq }: Pick<KnownGap, 'firstSeq' | 'lastSeq'>): string =>
  `seq ${firstSeq}..${lastSeq ?? '?'}`

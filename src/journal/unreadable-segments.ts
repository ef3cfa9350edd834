/** Segments that give no event are moved to `damaged/` whole: they are evidence, and their seqs stay given away. */
import { join } from 'node:path'
import type { DamagedSeqs } from './contract.ts'
import { highestNextSeq } from './damage.ts'
import type { FileSystem } from './fs-port.ts'
import { parseSegmentName } from './segment.ts'
import type { SegmentList } from './segment-list.ts'

export interface Unreadable {
  readonly ranges: readonly DamagedSeqs[]
  /** Behind all seqs that they may have held. */
  readonly nextSeq: number
  readonly highestNumber: number
}

/** Those that an earlier start moved, and that nothing has followed since, count too. */
export async function setUnreadableAside(
  fs: FileSystem,
  directory: string,
  { segments, unreadable, epoch }: SegmentList,
): Promise<Unreadable> {
  const aside = join(directory, 'damaged')
  if (unreadable.length > 0) {
    await fs.makeDirectory(aside)
    // Moved and not copied: it works on a full disk as well.
    for (const { name } of unreadable) await fs.rename(join(directory, name), join(aside, `${name}@0`))
    await fs.syncDirectory(aside)
    await fs.syncDirectory(directory)
  }
  const newest = segments.at(-1)?.header.number ?? 0
  const known = new Map(unreadable.map((segment) => [segment.name, segment.nextSeq]))
  const ranges: DamagedSeqs[] = []
  let highest = 0
  let highestNumber = 0
  for (const copy of await fs.list(aside)) {
    const name = copy.endsWith('@0') ? copy.slice(0, -2) : ''
    const segment = parseSegmentName(name)
    if (!segment || segment.epoch !== epoch || (segment.number < newest && !known.has(name))) continue
    const { firstSeq } = segment
    const file = join(aside, copy)
    // A segment without any event is not kept, so there was one at least.
    const next = known.get(name) ?? (await highestNextSeq(fs, file, firstSeq + 1))
    if (next > firstSeq) ranges.push({ firstSeq, lastSeq: next - 1, file })
    highest = Math.max(highest, next)
    highestNumber = Math.max(highestNumber, segment.number)
  }
  return { ranges, nextSeq: highest, highestNumber }
}

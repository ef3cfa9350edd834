/** The segments of a journal directory, each with the end that its successor proves. */
import { join } from 'node:path'
import { AffiantError, systemCode } from '../errors.ts'
import type { FileSystem, OpenFile } from './fs-port.ts'
import type { KeyRing } from './key-ring.ts'
import { listJournal } from './list-journal.ts'
import {
  parseSegmentName,
  readSegmentHeader,
  type Segment,
  type SegmentName,
  segmentName,
  segmentOf,
} from './segment.ts'

/** A file with a segment's name that gives no event. */
interface UnreadableSegment extends SegmentName {
  readonly name: string
  /** As its successor's name says; null without one. */
  readonly nextSeq: number | null
  /** For people. */
  readonly why: string
}

export interface SegmentList {
  /** Oldest first. The last one's `end` is its file's size: how far it holds is for segment-walk.ts to find. */
  readonly segments: Segment[]
  /** Oldest first. */
  readonly unreadable: readonly UnreadableSegment[]
  readonly epoch: number | null
  readonly highestNumber: number
}

/** @throws AffiantError not_found (a file where the directory should be), journal_format, journal_key */
export async function loadSegments(fs: FileSystem, directory: string, keys: KeyRing): Promise<SegmentList> {
  const named = (await listJournal(fs, directory)).flatMap((name) => {
    const parsed = parseSegmentName(name)
    return parsed ? [{ ...parsed, name }] : []
  })
  named.sort((a, b) => a.number - b.number)
  if (new Set(named.map(({ epoch }) => epoch)).size > 1) {
    throw new AffiantError('journal_format', `${directory} holds segments of several epochs`, {
      hint: 'segments of two journals were mixed; restore the directory of one',
    })
  }
  const segments: Segment[] = []
  const unreadable: UnreadableSegment[] = []
  for (const [index, each] of named.entries()) {
    const loaded = await loadSegment(fs, directory, each.name, keys)
    if (loaded === 'expired') continue
    if ('why' in loaded) {
      unreadable.push({ ...each, ...loaded, nextSeq: named[index + 1]?.firstSeq ?? null })
    } else {
      limitBefore(segments.at(-1), loaded)
      segments.push(loaded)
    }
  }
  const newest = named.at(-1)
  return { segments, unreadable, epoch: newest?.epoch ?? null, highestNumber: newest?.number ?? 0 }
}

async function loadSegment(
  fs: FileSystem,
  directory: string,
  name: string,
  keys: KeyRing,
): Promise<Segment | 'expired' | Pick<UnreadableSegment, 'why'>> {
  const path = join(directory, name)
  const file = await openListed(fs, path)
  if (!file) return 'expired'
  try {
    const header = await readSegmentHeader(file, path)
    const size = await file.size()
    if (!header) return { why: 'no header page is readable' }
    // Copied or renamed over another: whose name it is are events that are not in it.
    const own = segmentName(header)
    if (own !== name) return { why: `it holds what belongs to ${own}` }
    return segmentOf(directory, header, keys.open(header, path), size, size)
  } finally {
    await file.close()
  }
}

/** Null: the agent that runs beside a reader removed it after it was listed. */
async function openListed(fs: FileSystem, path: string): Promise<OpenFile | null> {
  try {
    return await fs.open(path, 'read')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}

/** A successor's base is where the segment before it ends, whatever lies behind. */
function limitBefore(before: Segment | undefined, successor: Segment): void {
  if (!before) return
  const proven = successor.header.base - before.header.base
  before.end = Math.max(before.header.dataStart, Math.min(before.end, proven))
}

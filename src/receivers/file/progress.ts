/** Where a receiver is with its files: for metrics, `affiant files`, and whoever wants to know whether it is done. */
import type { BigIntStats } from 'node:fs'
import { relative } from 'node:path'
import { figure } from '../../figure.ts'
import type { FileProgress, FileState } from '../receiver.ts'
import { isFound, statOrNull } from './finding/locate.ts'
import type { FollowedFile } from './reading/followed-file.ts'

/** Sizes asked for at a time. */
const asksAtOnce = 32

/**
 * All files, those with something left to read first, then the most recently written to, and the unreadable paths last.
 * The size of the first `most` is asked of the file system; of the rest it is what was last seen.
 */
export async function progressOf(
  files: readonly FollowedFile[],
  unreadable: readonly string[],
  most: number,
): Promise<FileProgress[]> {
  const ordered = [...files].sort(
    (a, b) => Number(a.drained) - Number(b.drained) || b.growth.lastAt - a.growth.lastAt,
  )
  const progress: FileProgress[] = []
  for (let first = 0; first < ordered.length; first += asksAtOnce) {
    const some = ordered.slice(first, first + asksAtOnce)
    const asked = first < most
    progress.push(...(await Promise.all(some.map((file) => progressOfOne(file, asked)))))
  }
  const none = { stream: null, state: 'unreadable', size: null, read: 0, committed: 0 } as const
  return [...progress, ...unreadable.map((path) => ({ path, ...none }))]
}

async function progressOfOne(file: FollowedFile, asked: boolean): Promise<FileProgress> {
  const size = file.gzip ? wholeSize(file) : ((asked ? await sizeOf(file) : null) ?? seenSize(file))
  return {
    path: file.location ?? file.path,
    stream: file.stream?.id ?? null,
    state: stateOf(file),
    size,
    read: file.lines.next,
    committed: file.outgoing.committed,
  }
}

function stateOf(file: FollowedFile): FileState {
  if (file.ignored) return 'ignored'
  if (file.displaced) return file.drained && file.finishing ? 'finished' : 'rotated'
  return file.stream === null || (file.predecessor && !file.predecessor.drained) ? 'waiting' : 'followed'
}

/** Null when its name leads elsewhere by now, or nowhere. */
export async function statsOf({ location, found }: FollowedFile): Promise<BigIntStats | null> {
  const stats = location === null ? null : await statOrNull(location).catch(() => null)
  return stats && isFound(found, stats) ? stats : null
}

async function sizeOf(file: FollowedFile): Promise<number | null> {
  const stats = await statsOf(file)
  return stats && Number(stats.size)
}

/** What a compressed file holds is known once it was read to its end. */
function wholeSize({ gzip, atEnd, lines }: FollowedFile): number | null {
  return gzip?.complete && atEnd ? lines.scanned : null
}

function seenSize({ atEnd, lines, found }: FollowedFile): number {
  return atEnd ? lines.scanned : Math.max(lines.scanned, found.size)
}

/** For the start-up banner. `include`: the patterns as they were written. */
export function describeFiles(files: readonly FollowedFile[], include: readonly string[]): string {
  const [only] = files
  if (!only) return `${include.join(', ')} (no file yet)`
  if (files.length > 1) return `${include.join(', ')} (${files.length} files)`
  const path = relative(process.cwd(), only.path)
  const shown = path.startsWith('..') ? only.path : path
  const { records } = only.handing
  if (records === 0 && only.resumedAt !== null) {
    return `${shown} (resumed at byte ${figure(only.resumedAt)})`
  }
  return `${shown} (${figure(records)} ${records === 1 ? 'line' : 'lines'})`
}

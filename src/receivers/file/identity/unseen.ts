/**
 * Generations that came and went while nobody looked. What is left of one has a rotated name, and is read. If it was
 * renamed, that is all of it; if it was copied, bytes may have been written behind the copy and truncated with the
 * file: the times of the files beside it tell the two apart, as far as anything can.
 */
import { basename } from 'node:path'
import type { FileContext } from '../file-context.ts'
import { statOrNull } from '../finding/locate.ts'
import { isRotationOf, originsOf } from '../finding/rotated-names.ts'
import { mayBeCopy, type Sibling, siblingsOf } from '../finding/siblings.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import { contentOf } from './relatives.ts'
import { isUntouched } from './same-content.ts'

/** Lists of a directory that is rotated meanwhile. */
const scans = 4

/** Whether `file`, a stream that nobody has seen before, may be a copy behind which bytes were lost. */
export async function mayMissBytes(file: FollowedFile, context: FileContext): Promise<boolean> {
  // What was there before the agent, or is known from before a restart, is another matter.
  if (file.atStart || file.resumedAt !== null) return false
  // Where it was met: by now names may have moved on so fast that nobody knows the one that it has.
  const { path, begun, inode } = file.found
  for (const origin of originsOf(path)) {
    if (!context.patterns.matches(origin)) continue
    const holder = context.copies.nameHolder(origin)
    // Logs that are begun under a date (`app-20261123.log`) are rotations of nothing.
    const behind = basename(path).startsWith(basename(origin))
    if (!behind && !holder && !(await statOrNull(origin).catch(() => null))) continue
    const others = await rotationsOf(origin)
    const intact = holder !== undefined && (await wasThereBefore(holder, file))
    const beside = others.filter((other) => {
      return other.stats.ino !== inode && !(intact && other.stats.ino === holder.found.inode)
    })
    if (mayBeCopy(beside, begun, origin)) return true
  }
  return false
}

/** All that was made from this name, and what has it now (which need not be what we know by it). */
async function rotationsOf(origin: string): Promise<readonly Sibling[]> {
  const found = new Map<bigint, Sibling>()
  // Names move on while they are listed: until a list holds nothing new.
  for (let attempt = 0; attempt < scans; attempt += 1) {
    const before = found.size
    const stats = await statOrNull(origin).catch(() => null)
    if (stats?.isFile()) found.set(stats.ino, { path: origin, stats })
    for (const sibling of await siblingsOf(origin, [], (path) => isRotationOf(path, origin))) {
      found.set(sibling.stats.ino, sibling)
    }
    if (found.size === before) break
  }
  return [...found.values()]
}

/** Read since before `copy` was there, and never truncated: then that is no copy of what this one held. */
async function wasThereBefore(present: FollowedFile, copy: FollowedFile): Promise<boolean> {
  if (!present.stream || present.truncated) return false
  if (BigInt(Math.ceil(present.readSince)) * 1_000_000n >= copy.found.begun) return false
  return await isUntouched(present.found.source, contentOf(present))
}

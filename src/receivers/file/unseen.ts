/**
 * Generations that came and went while nobody looked. What is left of one has a rotated name, and is read. If it was
 * renamed, that is all of it; if it was copied, bytes may have been written behind the copy and truncated with the
 * file: the times of the files beside it tell the two apart, as far as anything can.
 */
import type { FileContext } from './file-context.ts'
import type { FollowedFile } from './followed-file.ts'
import { statOrNull } from './locate.ts'
import { contentOf } from './relatives.ts'
import { isRotationOf, mayBeCopy, originsOf, siblingsOf } from './rotated-names.ts'
import { isUntouched } from './same-content.ts'

/** Whether `file`, a stream that nobody has seen before, may be a copy behind which bytes were lost. */
export async function mayMissBytes(file: FollowedFile, context: FileContext): Promise<boolean> {
  // What was there before the agent, or is known from before a restart, is another matter.
  if (file.atStart || file.resumedAt !== null || file.location === null) return false
  const { location } = file
  for (const origin of originsOf(location)) {
    if (!context.patterns.matches(origin)) continue
    const holder = context.copies.nameHolder(origin)
    const others = await siblingsOf(origin, [], (path) => isRotationOf(path, origin))
    // Not the one that we know by this name: a faster rotation may have put another one there.
    const stats = await statOrNull(origin).catch(() => null)
    if (stats?.isFile()) others.push({ path: origin, stats })
    const intact = holder !== undefined && (await wasThereBefore(holder, file))
    const { begun, inode } = file.found
    const beside = others.filter((other) => {
      return other.stats.ino !== inode && !(intact && other.stats.ino === holder.found.inode)
    })
    if (mayBeCopy(beside, begun)) return true
  }
  return false
}

/** Read since before `copy` was there, and never truncated: then that is no copy of what this one held. */
async function wasThereBefore(present: FollowedFile, copy: FollowedFile): Promise<boolean> {
  if (!present.stream || present.truncated) return false
  if (BigInt(Math.ceil(present.readSince)) * 1_000_000n >= copy.found.begun) return false
  return await isUntouched(present.found.source, contentOf(present))
}

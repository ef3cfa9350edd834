/**
 * Generations that came and went while nobody looked. What is left of one has a rotated name, and is read. If it was
 * renamed, that is all of it; if it was copied, bytes may have been written behind the copy and truncated with the
 * file: the times of the files beside it tell the two apart, as far as anything can.
 */
import type { FileContext } from './file-context.ts'
import type { FollowedFile } from './followed-file.ts'
import { contentOf } from './relatives.ts'
import { isRotationOf, mayBeCopy, originsOf, siblingsOf } from './rotated-names.ts'
import { isUntouched } from './same-content.ts'

/** Whether `file`, a stream that nobody has seen before, may be a copy behind which bytes were lost. */
export async function mayMissBytes(file: FollowedFile, context: FileContext): Promise<boolean> {
  // What was there before the agent, or is known from before a restart, is another matter.
  if (file.atStart || file.resumedAt !== null || file.location === null) return false
  const { location } = file
  for (const origin of originsOf(location)) {
    const present = context.copies.nameHolder(origin)
    if (!present || present === file) continue
    const intact = await wasThereBefore(present, file)
    const siblings = await siblingsOf(origin, [], (path) => isRotationOf(path, origin) && path !== location)
    const { found } = present
    const others = siblings.filter(({ stats }) => !intact || stats.ino !== found.inode)
    if (!intact) others.push({ path: origin, stats: await found.source.stat() })
    if (mayBeCopy(others, file.found.begun)) return true
  }
  return false
}

/** Read since before `copy` was there, and never truncated: then that is no copy of what this one held. */
async function wasThereBefore(present: FollowedFile, copy: FollowedFile): Promise<boolean> {
  if (!present.stream || present.truncated) return false
  if (BigInt(Math.ceil(present.since)) * 1_000_000n >= copy.found.begun) return false
  return await isUntouched(present.found.source, contentOf(present))
}

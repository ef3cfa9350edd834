/** What a rotation left between two files of one name, while nobody looked. */
import { dirname } from 'node:path'
import type { FileContext } from '../file-context.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import type { ByteSource } from '../source/byte-source.ts'
import type { FollowedFiles } from './followed-files.ts'
import { fileKey } from './locate.ts'
import { beginning, inOrder, isRotationOf, siblingsOf } from './rotated-names.ts'

/** Lists of a directory that is rotated meanwhile. */
const scans = 4
/** Milliseconds by which the times of a file system may lag behind the clock. */
const clockTick = 20

export interface Between {
  /** The name. */
  readonly origin: string
  /** What had it before. */
  readonly older: FollowedFile | null
  /** Unix milliseconds: when that was first met. */
  readonly since: number
  /** May leave some out. @default all */
  readonly wanted?: (source: ByteSource) => Promise<boolean>
}

/**
 * Follows what was created and renamed (or copied) away since, under names that match nothing; each is read after the one
 * before it. Resolves to them in order.
 */
export async function followBetween(
  files: FollowedFiles,
  { patterns, known, wake }: FileContext,
  { origin, older, since, wanted = async () => true }: Between,
): Promise<readonly FollowedFile[]> {
  const directories = older?.location ? [dirname(older.location)] : []
  const earliest = BigInt(Math.floor(since) - clockTick) * 1_000_000n
  const between: FollowedFile[] = []
  let last = older
  // Names move on while they are listed: until a list holds nothing new.
  for (let attempt = 0; attempt < scans; attempt += 1) {
    const siblings = await siblingsOf(origin, directories, (path) => {
      return isRotationOf(path, origin) && !patterns.excludes(path)
    })
    const unknown = siblings
      .filter(({ stats }) => !files.has(fileKey(stats)) && !known.expects(stats.ino))
      .filter(({ stats }) => beginning(stats) >= earliest)
    let found = false
    for (const { path } of inOrder(unknown, origin)) {
      const file = await files.followIf(path, origin, wanted).catch(() => null)
      if (!file) continue
      found = true
      if (last) files.order(file, last)
      last = file
      between.push(file)
      wake(file)
    }
    if (!found) break
  }
  return between
}

/** What a rotation left between two files of one name, while nobody looked. */
import type { BigIntStats } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { FileContext } from '../file-context.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import type { ByteSource } from '../source/byte-source.ts'
import type { FollowedFiles } from './followed-files.ts'
import { lineage } from './lineage.ts'
import type { Listings } from './listings.ts'
import { fileKey } from './locate.ts'
import { Places } from './places.ts'
import { newestOf, putInOrder } from './put-in-order.ts'
import { isNumbered } from './rotated-names.ts'
import { beginning, regularFiles, type Sibling } from './siblings.ts'
import { type Sight, untilStill } from './stillness.ts'

const all = async () => true

/** Milliseconds by which the times of a file system may lag behind the clock. */
const clockTick = 20

export interface Between {
  /** The name. */
  readonly origin: string
  /** What had it before. */
  readonly older: FollowedFile | null
  /** Whether a file with these times was there unseen. */
  readonly when: (stats: BigIntStats) => boolean
  /** Where links of that name led before, the oldest first. */
  readonly targets?: readonly (string | undefined)[]
  /** Copies are sought, as copytruncate makes them, and those only that this takes. @default what was renamed, all of it */
  readonly wanted?: (source: ByteSource) => Promise<boolean>
}

/** Begun at `since` (unix milliseconds), when the file before it was first met, or later. */
export function begunSince(since: number): Between['when'] {
  const earliest = timeOfFiles(since)
  return (stats) => beginning(stats) >= earliest
}

/** Written to last when nobody looked any more, and before `startedAt`, where that is given. Unix milliseconds. */
export function writtenUnseen(seenUntil: number, startedAt?: number): Between['when'] {
  const from = timeOfFiles(seenUntil)
  const to = startedAt === undefined ? undefined : BigInt(Math.ceil(startedAt)) * 1_000_000n
  return ({ mtimeNs }) => mtimeNs >= from && (to === undefined || mtimeNs <= to)
}

/** Unix milliseconds as the file system has them, and a little earlier. */
function timeOfFiles(milliseconds: number): bigint {
  return BigInt(Math.floor(milliseconds) - clockTick) * 1_000_000n
}

/**
 * Follows what was created and renamed (or copied) away, under names that match nothing; each is read after the one
 * before it. Resolves to those that come before what has the name, in order.
 */
export async function followBetween(
  files: FollowedFiles,
  context: FileContext,
  between: Between,
): Promise<readonly FollowedFile[]> {
  return await context.searching.run(between.origin, () => search(files, context, between))
}

async function search(
  files: FollowedFiles,
  context: FileContext,
  between: Between,
): Promise<readonly FollowedFile[]> {
  const { clock, closing, log, wake } = context
  const { origin } = between
  const present = files.at(origin)
  const older = between.older && newestOf(between.older)
  const found = new Set<FollowedFile>()
  try {
    const { directories, look, places } = looks(files, context, { ...between, older, present }, found)
    if (!(await untilStill(directories, { clock, signal: closing }, look)) && !closing.aborted) {
      log.warn(
        { path: origin },
        'rotated so fast that files may not have been found under the names they have',
      )
    }
    // What turned out to be another one's copy meanwhile has its place.
    const own = [...found].filter(({ stream, reserved }) => stream === null && !reserved)
    return putInOrder(files, { found: own, present, older }, places)
  } finally {
    for (const file of found) {
      file.unplaced = false
      wake(file)
    }
  }
}

/** How to look once. What is new goes to `found`. */
function looks(
  files: FollowedFiles,
  { patterns, known, listings }: FileContext,
  { origin, older, present, when, targets = [], wanted }: Between & { present: FollowedFile | undefined },
  found: Set<FollowedFile>,
) {
  const places = new Places()
  const names = lineage(origin, [...targets, older?.found.target, present?.found.target])
  const directories = new Set(names.map((name) => dirname(name)))
  if (older?.location) directories.add(dirname(older.location))
  const isUnseen = ({ path, stats }: Sibling) =>
    !files.has(fileKey(stats)) && when(stats) && !patterns.excludes(path)
  // A stream from before the restart is found by itself. An inode that it had may be another file's by now.
  const isWanted = async (source: ByteSource) => {
    return !(await known.recognises((await source.stat()).ino, source)) && (await (wanted ?? all)(source))
  }
  const look = async (): Promise<Sight> => {
    let sight: Sight = 'none'
    for (const [group, [name, paths]] of (await rotated(names, directories, listings)).entries()) {
      if (paths.length > 0 && sight === 'none') sight = 'nothing new'
      const siblings = await regularFiles(paths)
      for (const sibling of siblings.filter(isUnseen)) {
        if (!wasTakenFrom(sibling, name, present, wanted !== undefined)) continue
        const file = await files
          .followIf(sibling.path, origin, isWanted, { target: name === origin ? null : name, unplaced: true })
          .catch(() => null)
        if (!file) continue
        sight = 'found'
        found.add(file)
      }
      const ours = new Set([...found, present].map((file) => file?.found.key))
      places.saw(
        group,
        name,
        siblings.filter(({ stats }) => ours.has(fileKey(stats))),
      )
    }
    return sight
  }
  return { directories, look, places }
}

/** What was made from each of the names, in whichever of the directories; then what a link led to, under its own name. */
async function rotated(
  names: readonly string[],
  directories: ReadonlySet<string>,
  listings: Listings,
): Promise<readonly (readonly [name: string, paths: readonly string[]])[]> {
  const lists = await Promise.all(
    [...directories].map(async (directory) => ({ directory, listing: await listings.of(directory) })),
  )
  return names.flatMap((name, index) => {
    const made = lists.flatMap(({ directory, listing }) =>
      (listing.get(basename(name)) ?? []).map((found) => join(directory, found)),
    )
    const others = made.filter((path) => !names.includes(path))
    return index === 0 ? [[name, others] as const] : [[name, others] as const, [name, [name]] as const]
  })
}

/**
 * A file whose number is before the extension may be the log of another instance. What was renamed away has not been
 * written to since, or not since its name was taken.
 */
function wasTakenFrom(
  { path, stats }: Sibling,
  name: string,
  present: FollowedFile | undefined,
  copied: boolean,
): boolean {
  if (path === name || !isNumbered(basename(path), basename(name))) return true
  if (copied) return false
  return stats.ctimeNs > stats.mtimeNs || (present !== undefined && stats.mtimeNs <= present.found.begun)
}

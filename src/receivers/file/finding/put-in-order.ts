/** Files that had one name: each is read after the one before it. */
import type { FollowedFile } from '../reading/followed-file.ts'
import type { FollowedFiles } from './followed-files.ts'
import type { Places } from './places.ts'

/** Milliseconds between the times at which files of one search count as met: their order outlives a restart. */
const apart = 0.001

/** What came last of what is known to have come after `file`. */
export function newestOf(file: FollowedFile): FollowedFile {
  let newest = file
  while (newest.newest) newest = newest.newest
  return newest
}

/**
 * The name may have moved on while it was looked for what was found: then some of that comes after the file that had it.
 * Returns what comes before that.
 */
export function putInOrder(
  files: FollowedFiles,
  {
    found,
    present,
    older,
  }: {
    readonly found: readonly FollowedFile[]
    readonly present: FollowedFile | undefined
    readonly older: FollowedFile | null
  },
  places: Places,
): readonly FollowedFile[] {
  const order = places.inOrder()
  const placeOf = (file: FollowedFile) => order.get(file.found.key) ?? -1
  const end = (present && order.get(present.found.key)) ?? Number.POSITIVE_INFINITY
  const inPlace = found.toSorted((a, b) => placeOf(a) - placeOf(b))
  const [before, behind] = [
    inPlace.filter((file) => placeOf(file) < end),
    inPlace.filter((file) => placeOf(file) > end),
  ]
  const chain = (first: FollowedFile | null, rest: readonly FollowedFile[]) => {
    let last = first
    for (const file of rest) {
      // It was met late: what comes after it was begun before that.
      file.since = Math.max(
        Math.min(millisecondsOf(file.found.begun), (present?.since ?? file.since) - 1),
        (last?.since ?? 0) + apart,
      )
      if (last) files.order(file, last)
      last = file
    }
    return last
  }
  chain(older, before)
  if (present && behind.length > 0) present.newest = chain(newestOf(present), behind)
  return before
}

const millisecondsOf = (nanoseconds: bigint) => Number(nanoseconds / 1_000n) / 1_000

/** Files that a rotation left beside a followed one: which there are, since when, and in which order they were written. */
import type { BigIntStats } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { statOrNull } from './locate.ts'
import { digitsOf } from './rotated-names.ts'

/** More digits than these are a date rather than a count. */
const countDigits = 4
/** Files that the system is asked about at a time. */
const atOnce = 64

export interface Sibling {
  readonly path: string
  readonly stats: BigIntStats
}

/** The order in which they were written. Where times do not tell, names do: dates ascend, numbers count back. */
export function inOrder(siblings: readonly Sibling[], origin: string): readonly Sibling[] {
  const original = basename(origin)
  const suffix = ({ path }: Sibling) => digitsOf(basename(path), original)
  // What was compressed later than the next one was written has a later time, and a name that says when it was rotated.
  const [first, ...others] = siblings.map((sibling) => suffix(sibling).length)
  const dated = first !== undefined && first > countDigits && others.every((length) => length === first)
  return [...siblings].sort((a, b) => {
    const [x, y] = [suffix(a), suffix(b)]
    if (dated && x !== y) return x < y ? -1 : 1
    if (a.stats.mtimeNs !== b.stats.mtimeNs) return a.stats.mtimeNs < b.stats.mtimeNs ? -1 : 1
    if (x.length > countDigits || y.length > countDigits) return x < y ? -1 : 1
    return Number(y) - Number(x)
  })
}

/**
 * Whether a file whose content was `begun` (unix nanoseconds) may be a copy of one of the others: that was there before
 * it, and written to (if only truncated) after it. Of a compressed one, nobody knows since when it was there.
 *
 * Times are those of the last tick of a clock: what was written to and renamed has often the time at which the next file
 * was begun. A copy's original is still at `origin` then, or was left empty.
 */
export function mayBeCopy(others: readonly Sibling[], begun: bigint, origin: string): boolean {
  return others.some(({ path, stats }) => {
    if (stats.mtimeNs < begun) return false
    if (stats.mtimeNs === begun && path !== origin && stats.size > 0n) return false
    return path.endsWith('.gz') || stats.birthtimeNs === 0n || stats.birthtimeNs < begun
  })
}

/** When its content was begun, unix nanoseconds: a compressed file has the time of the last write before it. */
export function beginning({ birthtimeNs, mtimeNs }: BigIntStats): bigint {
  return birthtimeNs > 0n && birthtimeNs < mtimeNs ? birthtimeNs : mtimeNs
}

/** Regular files in `origin`'s directory and in `others`, with a name that `wanted` takes. */
export async function siblingsOf(
  origin: string,
  others: readonly string[],
  wanted: (path: string) => boolean,
): Promise<Sibling[]> {
  const paths: string[] = []
  for (const directory of new Set([dirname(origin), ...others])) {
    for (const name of await readdir(directory).catch(() => [])) {
      const path = join(directory, name)
      if (path !== origin && wanted(path)) paths.push(path)
    }
  }
  return await regularFiles(paths)
}

/** Those of the paths that stand for regular files; of several names of one file the last. */
export async function regularFiles(paths: Iterable<string>): Promise<Sibling[]> {
  const found = new Map<string, Sibling>()
  const all = [...paths]
  // All at once, as far as that goes: the longer it takes, the more names move meanwhile.
  for (let first = 0; first < all.length; first += atOnce) {
    const some = all.slice(first, first + atOnce)
    const looks = await Promise.all(some.map((path) => statOrNull(path).catch(() => null)))
    for (const [index, stats] of looks.entries()) {
      if (stats?.isFile()) found.set(`${stats.dev}:${stats.ino}`, { path: some[index]!, stats })
    }
  }
  return [...found.values()]
}

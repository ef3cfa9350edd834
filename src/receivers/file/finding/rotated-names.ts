/**
 * Files that a rotation left beside a followed one, under names that match no pattern. Only a name that a rotation gives
 * counts: the followed name itself, then a number or a date (`app.log.1`, `app.log-20261123`, `app.log.2026-11-23T10`),
 * and `.gz` behind it if it was compressed. Backups, locks and indexes beside a log have other names.
 */
import type { BigIntStats } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { statOrNull } from './locate.ts'

const rotation = /^[._-]?\d[\dTZ:._-]*(?:\.gz)?$/

const separator = /[._-]/

export interface Sibling {
  readonly path: string
  readonly stats: BigIntStats
}

/** Whether `path` is a name that rotation gives to the file at `origin`. */
export function isRotationOf(path: string, origin: string): boolean {
  const name = basename(path)
  const original = basename(origin)
  return name.startsWith(original) && rotation.test(name.slice(original.length))
}

/** The order in which they were written. Where times do not tell, names do: dates ascend, numbers count back. */
export function inOrder(siblings: readonly Sibling[], origin: string): readonly Sibling[] {
  const suffix = ({ path }: Sibling) => basename(path).slice(basename(origin).length).replace(/\D/g, '')
  return [...siblings].sort((a, b) => {
    if (a.stats.mtimeNs !== b.stats.mtimeNs) return a.stats.mtimeNs < b.stats.mtimeNs ? -1 : 1
    const [x, y] = [suffix(a), suffix(b)]
    if (x.length > 4 || y.length > 4) return x < y ? -1 : 1
    return Number(y) - Number(x)
  })
}

/** Names that a rotation may have made `path` from, with `.`, `_` or `-` before what it added; the longest first. */
export function originsOf(path: string): readonly string[] {
  const name = basename(path)
  const origins: string[] = []
  for (let end = name.length - 1; end > 0; end -= 1) {
    if (separator.test(name.charAt(end)) && rotation.test(name.slice(end)))
      origins.push(join(dirname(path), name.slice(0, end)))
  }
  return origins
}

/**
 * Whether a file whose content was `begun` (unix nanoseconds) may be a copy of one of the others: that was there before
 * it, and written to (if only truncated) after it. Of a compressed one, nobody knows since when it was there.
 */
export function mayBeCopy(others: readonly Sibling[], begun: bigint): boolean {
  return others.some(({ path, stats }) => {
    if (stats.mtimeNs < begun) return false
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
  const found = new Map<string, Sibling>()
  for (const directory of new Set([dirname(origin), ...others])) {
    for (const name of await readdir(directory).catch(() => [])) {
      const path = join(directory, name)
      if (path === origin || !wanted(path)) continue
      const stats = await statOrNull(path).catch(() => null)
      if (stats?.isFile()) found.set(`${stats.dev}:${stats.ino}`, { path, stats })
    }
  }
  return [...found.values()]
}

/** Where a file has gone: by its inode, since a rotation keeps that and changes the name. */
import { type BigIntStats, statSync } from 'node:fs'
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemCode } from '../../../errors.ts'

export function fileKey(stats: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${stats.dev}:${stats.ino}`
}

/**
 * Whether these are of the file that was found. Once a file is gone, its inode is given to another one, which was born
 * later; `born` is in unix nanoseconds, 0 where nobody knows.
 */
export function isFound(
  { key, born }: { readonly key: string; readonly born: bigint },
  stats: BigIntStats,
): boolean {
  return fileKey(stats) === key && isSameBirth(stats.birthtimeNs, born)
}

/** Whether two files with one inode may be the same one, by when they were born. */
export function isSameBirth(a: bigint, b: bigint): boolean {
  return a === b || a === 0n || b === 0n || !hasBirthTimes()
}

let birthTimes: boolean | undefined

/** Where the system does not tell them (an old kernel, a sandbox), the time of the last change stands in their place. */
function hasBirthTimes(): boolean {
  if (birthTimes === undefined) {
    const { birthtimeNs, ctimeNs } = statSync(process.execPath, { bigint: true })
    birthTimes = birthtimeNs !== ctimeNs
  }
  return birthTimes
}

/** Stats of a path in full width; null when nothing is there. Other errors are thrown. */
export async function statOrNull(path: string): Promise<BigIntStats | null> {
  return await orNull(stat(path, { bigint: true }))
}

/** The same, and whether the name is a symbolic link: one call for a name that is none. */
export async function statWithLink(path: string): Promise<{ stats: BigIntStats; linked: boolean } | null> {
  const own = await orNull(lstat(path, { bigint: true }))
  const linked = own?.isSymbolicLink() ?? false
  const stats = linked ? await statOrNull(path) : own
  return stats && { stats, linked }
}

/** Where a link leads in the end; null for a name that is none. */
export async function targetOf(path: string, linked: boolean): Promise<string | null> {
  return linked ? await realpath(path).catch(() => null) : null
}

async function orNull(stats: Promise<BigIntStats>): Promise<BigIntStats | null> {
  try {
    return await stats
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
}

/** The present name of an open file; null when it has none, or one that cannot be found. */
export async function locate(fd: number, key: string, lastPath: string): Promise<string | null> {
  const linked = process.platform === 'linux' ? await readlink(`/proc/self/fd/${fd}`).catch(() => null) : null
  if (linked !== null && (await holds(linked, key))) return linked
  const found = await findInodes(dirname(lastPath), (candidate) => candidate === key)
  return found.get(key) ?? null
}

/** Files in `directory` whose key is wanted: key → path. Empty when it cannot be listed. */
export async function findInodes(
  directory: string,
  wanted: (key: string, inode: bigint) => boolean,
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name)
    const stats = await statOrNull(path).catch(() => null)
    if (stats?.isFile() && wanted(fileKey(stats), stats.ino)) found.set(fileKey(stats), path)
  }
  return found
}

async function holds(path: string, key: string): Promise<boolean> {
  const stats = await statOrNull(path).catch(() => null)
  return stats !== null && fileKey(stats) === key
}

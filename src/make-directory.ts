/**
 * `mkdir -p`. Not node's own: where a file system has a directory, lets nobody make one in it, and says that there is
 * none (`/proc`), its recursive `mkdir` tries for ever.
 */
import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { asError, systemCode } from './errors.ts'

/** Rejects as `mkdir` does. `mode` is that of each directory it makes. */
export async function makeDirectory(path: string, mode = 0o777): Promise<void> {
  const error = await make(path, mode)
  if (error === null) return
  if (systemCode(error) !== 'ENOENT') throw error
  const parent = dirname(resolve(path))
  // Where it is there, somebody may have made it since: another try says whether that was it.
  if (!(await isDirectory(parent))) await makeDirectory(parent, mode)
  const still = await make(path, mode)
  if (still !== null) throw still
}

/** What went wrong, unless it is there afterwards: somebody else may make it at the same time. */
async function make(path: string, mode: number): Promise<Error | null> {
  try {
    await mkdir(path, { mode })
    return null
  } catch (thrown) {
    return (await isDirectory(path)) ? null : asError(thrown)
  }
}

async function isDirectory(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  return stats?.isDirectory() ?? false
}

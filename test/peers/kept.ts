/** Programs that tests build or fetch once: each is kept in the user's cache, under a sum of all that it is made of. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { asError, systemCode } from '../../src/errors.ts'

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'affiant')

export interface Kept {
  readonly name: string
  /** Paths of the files that it is made of. */
  readonly files: readonly string[]
  /** What else it depends on: the version of what builds it. */
  readonly versions?: string
  /** Fills a directory, which is moved afterwards. */
  readonly build: (directory: string) => Promise<void>
}

/** The directory; it takes minutes where it is not there yet. Rejects where what builds it, or a package, is missing. */
export async function keep({ name, files, versions = '', build }: Kept): Promise<string> {
  const hash = createHash('sha256').update(versions)
  for (const file of files) hash.update(await readFile(file))
  const place = join(cache, `${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(place)) return place
  await mkdir(cache, { recursive: true })
  // Beside its place first, then there at once: nobody finds half of it.
  const directory = await mkdtemp(`${place}-`)
  try {
    await build(directory)
    await rename(directory, place)
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    // Somebody else had it first.
    if (systemCode(error) !== 'ENOTEMPTY') throw error
  }
  return place
}

/** What `prepare` resolves with. In CI it is an error if it rejects, elsewhere a reason to skip. */
export async function unlessMissing<T>(what: string, prepare: () => Promise<T>): Promise<T | undefined> {
  try {
    return await prepare()
  } catch (error) {
    if (process.env.CI) throw error
    const [line] = asError(error).message.split('\n')
    process.stderr.write(`skipped: ${what}: ${line}\n`)
    return undefined
  }
}

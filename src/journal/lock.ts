/**
 * One agent per data directory. node:fs has no flock, and pid files fail across containers and after kill -9; an
 * exclusive transaction of SQLite is a lock that the kernel takes back when its holder dies.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { AffiantError, systemCode } from '../errors.ts'

export interface LockOptions {
  readonly clock: Clock
  /** Queue behind the agent that holds it. @default false */
  readonly wait?: boolean
  /** Told once that it has to wait, and for whom: `process 7 uses /var/lib/affiant`. */
  readonly onWait?: (message: string) => void
  readonly signal?: AbortSignal
}

export interface DataDirLock {
  release(): void
}

/** Between two tries of one who waits, in milliseconds. */
const retryEvery = 200
const sqliteBusy = 5
const sqliteFull = 13

/** @throws AffiantError data_dir_locked, data_dir_unusable */
export async function lockDataDir(dataDir: string, options: LockOptions): Promise<DataDirLock> {
  for (let tries = 1; ; tries += 1) {
    const lock = await tryLock(dataDir)
    if (lock) return lock
    if (!options.wait) throw await lockedError(dataDir)
    if (tries === 1) options.onWait?.((await lockedError(dataDir)).message)
    await options.clock.sleep(retryEvery, options.signal)
  }
}

async function tryLock(dataDir: string): Promise<DataDirLock | null> {
  const { DatabaseSync } = await import('node:sqlite')
  const path = join(dataDir, 'lock')
  try {
    const database = new DatabaseSync(path)
    try {
      // Nothing is written, so that a full disk is no obstacle: the rollback journal would be a file.
      database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    } catch (error) {
      database.close()
      throw error
    }
    return { release: () => database.close() }
  } catch (error) {
    if (errorOf(error) === sqliteBusy) return null
    if (errorOf(error) === sqliteFull) {
      throw fullDisk(dataDir, error)
    }
    throw new AffiantError('data_dir_unusable', `cannot lock ${path}: ${String(error)}`, {
      cause: error,
      hint: `the directory must be writable for this user, on a file system with locks; ${path} is an empty file and may be removed`,
    })
  }
}

export const fullDisk = (dataDir: string, cause?: unknown): AffiantError =>
  new AffiantError('data_dir_unusable', `${dataDir}: the disk that holds it is full`, {
    cause,
    hint: 'free some space there, or give agent.data_dir a disk with free space',
  })

/** SQLite's result code. */
const errorOf = (error: unknown): unknown =>
  error instanceof Error && 'errcode' in error ? error.errcode : undefined

async function lockedError(dataDir: string): Promise<AffiantError> {
  const pid = await runningPid(dataDir)
  const who = pid === null ? 'another process' : `process ${pid}`
  return new AffiantError('data_dir_locked', `${who} uses ${dataDir}`, {
    hint: 'stop it, give this agent its own agent.data_dir, or pass --wait-lock to queue behind it',
  })
}

/** What the agent that holds the lock wrote about itself; null when it can't be known. */
async function runningPid(dataDir: string): Promise<number | null> {
  try {
    const status: unknown = JSON.parse(await readFile(join(dataDir, 'agent.json'), 'utf8'))
    if (typeof status !== 'object' || status === null || !('pid' in status)) return null
    return typeof status.pid === 'number' ? status.pid : null
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) !== undefined) return null
    throw error
  }
}

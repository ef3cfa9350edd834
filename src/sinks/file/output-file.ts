/**
 * The file behind the `file` sink. Invariants: it only ever ends in whole lines of whole batches, as far as this
 * process can see to it (a write that fails is taken back, a crash's torn line is cut at the next start); what
 * `append` resolved for is on the disk, directory entry included, unless fsync is `never`.
 */
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { asError, systemCode } from '../../errors.ts'
import { makeDirectory } from '../../make-directory.ts'
import { shapes } from '../../shapes/shapes.ts'
import { syncDirectory } from '../../sync-directory.ts'
import type { FileSinkConfig } from './config.ts'
import type { FoundLines } from './found-lines.ts'
import { repairTail } from './repair.ts'

interface OpenFile {
  readonly handle: FileHandle
  readonly device: number
  readonly inode: number
  /** Pipes and devices are neither repaired, rotated nor synced. */
  readonly regular: boolean
  size: number
  /** When it was last written to; unix milliseconds. */
  written: number
}

const periods = { '1h': 3_600_000, '1d': 86_400_000 } as const

export class OutputFile {
  readonly #config: FileSinkConfig
  readonly #now: () => number
  #file: OpenFile | undefined

  /** `now`: unix milliseconds. */
  constructor(config: FileSinkConfig, now: () => number) {
    this.#config = config
    this.#now = now
  }

  /** Opens, or creates, and repairs the end. */
  async open(): Promise<void> {
    this.#file ??= await this.#open()
  }

  /** Looks for lines at its end, and at that of the file that it was rotated to last. What is found is on the disk. */
  async find(lines: FoundLines, from: number): Promise<void> {
    await this.open()
    const file = this.#file
    if (!file?.regular) return
    const isWhole = await lines.read(file.handle, file.size, from)
    // It may have been killed before it could do that.
    if (lines.size > 0 && this.#config.fsync === 'batch') await file.handle.datasync()
    if (isWhole || !this.#config.rotate) return
    const rotated = await open(`${this.#config.path}.1`).catch(() => undefined)
    try {
      if (rotated) await lines.read(rotated, (await rotated.stat()).size, from)
    } finally {
      await rotated?.close()
    }
  }

  async append(lines: Buffer): Promise<void> {
    const file = await this.#ready(lines.length)
    try {
      await writeAll(file.handle, lines)
      if (this.#config.fsync === 'batch' && file.regular) await file.handle.datasync()
      file.size += lines.length
      file.written = Math.max(file.written, this.#now())
    } catch (error) {
      // After a failed sync nobody knows what is on the disk; the batch comes again whole, to a file opened anew.
      if (file.regular) await file.handle.truncate(file.size).catch(() => undefined)
      await this.close().catch(() => undefined)
      throw error
    }
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.handle.close()
  }

  /** The file to append `bytes` to: reopened when somebody moved it away, rotated when its time is over or it would grow too large. */
  async #ready(bytes: number): Promise<OpenFile> {
    const { path, rotate } = this.#config
    if (this.#file?.regular && !(await isAt(this.#file, path))) await this.close()
    this.#file ??= await this.#open()
    const { size, regular, written } = this.#file
    if (rotate === undefined || !regular || size === 0) return this.#file
    if (size + bytes > rotate.max_size || this.#isOver(written)) {
      await this.close()
      await shift(path, rotate.keep)
      this.#file = await this.#open()
    }
    return this.#file
  }

  /** Whether what was written then belongs to a file of its own. A clock that was set back ends nothing. */
  #isOver(written: number): boolean {
    const every = this.#config.rotate?.every
    if (every === undefined) return false
    return Math.floor(written / periods[every]) < Math.floor(this.#now() / periods[every])
  }

  async #open(): Promise<OpenFile> {
    const { path, fsync, shape } = this.#config
    // The shape may be another than before.
    const beginnings = [shapes.affiant.beginning, shapes[shape].beginning]
    await makeDirectory(dirname(path))
    const handle = await openForAppending(path)
    try {
      const stats = await handle.stat()
      const regular = stats.isFile()
      const size = regular ? await repairTail(handle, stats.size, beginnings) : 0
      // The file's own time says which hour or day it belongs to, after a crash as well; a repair does not change that.
      if (regular && size !== stats.size) {
        await handle.utimes(stats.atime, stats.mtime).catch(() => undefined)
      }
      if (regular && fsync === 'batch') await syncDirectory(dirname(path))
      // A file without content belongs to no hour yet.
      const written = size === 0 ? 0 : stats.mtimeMs
      return { handle, device: stats.dev, inode: stats.ino, regular, size, written }
    } catch (error) {
      await handle.close()
      throw error
    }
  }
}

/** Pipes and terminals cannot be opened for reading and appending; nothing is read from them. */
async function openForAppending(path: string): Promise<FileHandle> {
  const stats = await stat(path).catch(() => undefined)
  return open(path, stats === undefined || stats.isFile() || stats.isDirectory() ? 'a+' : 'a')
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten
  }
}

async function isAt({ device, inode }: OpenFile, path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  return stats !== undefined && stats.dev === device && stats.ino === inode
}

/** `path` becomes `path.1`, `path.1` becomes `path.2` …; the one behind `keep` goes. */
async function shift(path: string, keep: number): Promise<void> {
  await rm(`${path}.${keep}`, { force: true })
  for (let number = keep - 1; number >= 0; number--) {
    await rename(number === 0 ? path : `${path}.${number}`, `${path}.${number + 1}`).catch(
      (error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw asError(error)
      },
    )
  }
}

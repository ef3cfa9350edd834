/**
 * The file of a plan log: lines, in a file that is filled with newlines ahead, since syncing bytes that are there already
 * is many times cheaper than growing a file.
 *
 * Invariants: a line is on the disk when `append` resolves, and durable if it must be. A file that is full, or whose last
 * write failed, is written anew, with all that counts: to a new name, synced, renamed.
 */
import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../errors.ts'
import { makeDirectory } from '../make-directory.ts'
import { syncDirectory } from '../sync-directory.ts'

/** Bytes that are laid out ahead. */
const AHEAD = 1024 ** 2

export class PlanFile implements AsyncDisposable {
  readonly path: string
  readonly #directory: string
  /** All that counts, with whatever was appended before. */
  readonly #content: () => readonly string[]
  #file: { readonly handle: FileHandle; at: number; readonly end: number } | undefined
  /** Lines that wait for the disk, and who waits with them. */
  #pending: string[] = []
  /** One of them must be durable. */
  #durable = false
  #writing: Promise<void> = Promise.resolve()
  #round: Promise<void> | undefined

  /** `content`: every line that a file written anew begins with. */
  constructor(directory: string, content: () => readonly string[]) {
    this.path = join(directory, 'log')
    this.#directory = directory
    this.#content = content
  }

  /** The lines of the run before; none where there is no file. */
  async lines(): Promise<string[]> {
    try {
      const text = await readFile(this.path, 'utf8')
      return text.split('\n').filter((line) => line !== '')
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return []
      throw error
    }
  }

  /**
   * Resolves once the line is written, and durable if it must be. Those who come while a write is under way, or in the same turn
   * of the event loop, share the next.
   */
  append(line: string, durable: boolean): Promise<void> {
    this.#pending.push(line)
    this.#durable ||= durable
    this.#round ??= this.#writing
      .catch(() => undefined)
      .then(endOfTurn)
      .then(() => {
        this.#round = undefined
        return this.#flush()
      })
    const round = this.#round
    this.#writing = round
    return round
  }

  /** Not while a line is appended. */
  async rewrite(): Promise<void> {
    await this.#file?.handle.close()
    this.#file = undefined
    await makeDirectory(this.#directory, 0o700)
    const content = Buffer.from(this.#content().join(''))
    const handle = await open(`${this.path}.new`, 'w', 0o600)
    try {
      await writeAll(handle, Buffer.concat([content, Buffer.alloc(AHEAD, '\n')]), 0)
      await handle.sync()
      await rename(`${this.path}.new`, this.path)
      // `makeDirectory` may have made `plans/` as well.
      for (const up of ['.', '..', '../..']) await syncDirectory(join(this.#directory, up))
    } catch (error) {
      await handle.close().catch(() => undefined)
      throw error
    }
    this.#file = { handle, at: content.length, end: content.length + AHEAD }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => undefined)
    await this.#file?.handle.close()
    this.#file = undefined
  }

  async #flush(): Promise<void> {
    const lines = this.#pending
    const durable = this.#durable
    this.#pending = []
    this.#durable = false
    if (lines.length === 0) return
    const bytes = Buffer.from(lines.join(''))
    const file = this.#file
    if (file === undefined || file.at + bytes.length > file.end) {
      // All that counts, these lines included.
      await this.rewrite()
      return
    }
    try {
      await writeAll(file.handle, bytes, file.at)
      if (durable) await file.handle.datasync()
      file.at += bytes.length
    } catch (error) {
      // What of it is on the disk is not known: the next attempt writes everything anew.
      await file.handle.close().catch(() => undefined)
      this.#file = undefined
      throw error
    }
  }
}

const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A nearly full disk takes part of a write, and says so only by the count. */
async function writeAll(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await handle.write(bytes, written, bytes.length - written, at + written)).bytesWritten
  }
}

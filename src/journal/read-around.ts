/**
 * Reading around bytes that a disk does not give back: a bad sector must cost the blocks in it, not the journal.
 *
 * A read that fails with EIO is made again page by page. Pages that fail still are read as zeros, which no checksum
 * takes for data, so that they are damage like any other. Not at once, since most such faults pass: only after
 * `patience`, and only while the same file can be read elsewhere. Until then, and when nothing can be read, the error
 * is the caller's to say and to try again.
 */
import type { Clock } from '../clock.ts'
import { systemCode } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { FileSystem, OpenFile } from './fs-port.ts'

const page = 4096

export interface ReadAroundOptions {
  readonly clock: Clock
  readonly log: Log
  /** For how long a page must have failed, milliseconds. */
  readonly patience: number
}

interface Failing {
  readonly since: number
  last: number
}

/** `fs` whose files are read around what the disk does not give back. */
export function readingAround(fs: FileSystem, options: ReadAroundOptions): FileSystem {
  const pages = new FailingPages(options)
  return {
    open: async (path, mode) => around(await fs.open(path, mode), path, pages),
    list: (directory) => fs.list(directory),
    makeDirectory: (directory) => fs.makeDirectory(directory),
    syncDirectory: (directory) => fs.syncDirectory(directory),
    openDirect: (path) => fs.openDirect(path),
    rename: (from, to) => fs.rename(from, to),
    remove: (path) => fs.remove(path),
    volume: (path) => fs.volume(path),
    freeBytes: (path) => fs.freeBytes(path),
  }
}

function around(file: OpenFile, path: string, pages: FailingPages): OpenFile {
  return {
    write: (parts, position) => file.write(parts, position),
    sync: () => file.sync(),
    truncate: (length) => file.truncate(length),
    size: () => file.size(),
    close: () => file.close(),
    read: async (buffer, position) => {
      try {
        return await file.read(buffer, position)
      } catch (error) {
        if (systemCode(error) !== 'EIO') throw error
        return await pages.read(file, path, buffer, position, error)
      }
    },
  }
}

class FailingPages {
  readonly #options: ReadAroundOptions
  /** By path and offset. */
  readonly #failing = new Map<string, Failing>()

  constructor(options: ReadAroundOptions) {
    this.#options = options
  }

  /** As `OpenFile.read`, page by page. @throws `error` when it is too early to give up, or nothing can be read */
  async read(
    file: OpenFile,
    path: string,
    buffer: Uint8Array,
    position: number,
    error: unknown,
  ): Promise<number> {
    const end = Math.min(position + buffer.byteLength, await file.size())
    const bad: number[] = []
    let good = 0
    for (let at = position; at < end; ) {
      const next = Math.min(end, (Math.floor(at / page) + 1) * page)
      const part = buffer.subarray(at - position, next - position)
      if (await reads(file, part, at)) {
        good++
        this.#failing.delete(`${path}@${at}`)
      } else {
        part.fill(0)
        bad.push(at)
      }
      at = next
    }
    const giveUp = bad.map((at) => this.#isLasting(`${path}@${at}`)).every(Boolean)
    const answers = good > 0 || (await reads(file, new Uint8Array(page), 0))
    if (!giveUp || !answers) throw error
    if (bad.length > 0)
      this.#options.log.error({ path, offsets: bad }, 'journal: the disk does not give pages back')
    return Math.max(0, end - position)
  }

  #isLasting(key: string): boolean {
    const { clock, patience } = this.#options
    const now = clock.monotonic()
    const known = this.#failing.get(key)
    // One that was not asked for in a while may have recovered in between.
    if (!known || now - known.last > 2 * patience) {
      this.#failing.set(key, { since: now, last: now })
      return patience === 0
    }
    known.last = now
    return now - known.since >= patience
  }
}

async function reads(file: OpenFile, into: Uint8Array, position: number): Promise<boolean> {
  try {
    await file.read(into, position)
    return true
  } catch (error) {
    if (systemCode(error) === 'EIO') return false
    throw error
  }
}

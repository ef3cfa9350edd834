/**
 * Writing past the page cache (`O_DIRECT`), where a file system can do that. What is written so has to begin in memory
 * where blocks of the disk might, and nothing tells where a buffer lies: that is found by trying, once.
 */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { systemCode } from '../errors.ts'
import type { DirectFile } from './fs-port.ts'

/** No block of a disk is larger, so that what begins at a multiple of it begins where every disk wants it. */
const page = 4096
/** All memory begins at a multiple of this. */
const allocation = 16
const most = 1024 * 1024

/** So many zeros, from a good place on; undefined until one was found. */
let aligned: Buffer | undefined

export async function openDirectFile(path: string): Promise<DirectFile | null> {
  const { O_DIRECT, O_WRONLY } = constants
  // Not on every system.
  if (O_DIRECT === undefined) return null
  try {
    return new NodeDirectFile(await open(path, O_WRONLY | O_DIRECT))
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}

class NodeDirectFile implements DirectFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async zeros(position: number, length: number): Promise<boolean> {
    try {
      aligned ??= await this.#find(position)
      for (let done = 0; done < length; ) {
        // A short write ends between two blocks, or the next one is refused.
        const { bytesWritten } = await this.#handle.writev(
          [aligned.subarray(0, length - done)],
          position + done,
        )
        done += bytesWritten
      }
      return true
    } catch (error) {
      if (isRefusal(error)) return false
      throw error
    }
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  async #find(position: number): Promise<Buffer> {
    const zeros = Buffer.alloc(most + page)
    for (let from = 0; ; from += allocation) {
      try {
        await this.#handle.writev([zeros.subarray(from, from + page)], position)
        return zeros.subarray(from, from + most)
      } catch (error) {
        if (!isRefusal(error) || from + allocation >= page) throw error
      }
    }
  }
}

const refusals: ReadonlySet<string | undefined> = new Set(['EINVAL', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS'])

/** Not in this way: another one may do. */
const isRefusal = (error: unknown) => refusals.has(systemCode(error))

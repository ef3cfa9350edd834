/** The file system port over node:fs. */
import { type FileHandle, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import { systemCode } from '../errors.ts'
import { makeDirectory } from '../make-directory.ts'
import { openDirectFile } from './direct-file.ts'
import type { FileSystem, OpenFile } from './fs-port.ts'

const flags = { read: 'r', write: 'r+', create: 'w+' } as const

/** IOV_MAX is 1024 everywhere we run; longer lists go out in several calls. */
const buffersPerCall = 1024

class NodeFile implements OpenFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    let filled = 0
    while (filled < buffer.byteLength) {
      const { bytesRead } = await this.#handle.read(
        buffer,
        filled,
        buffer.byteLength - filled,
        position + filled,
      )
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return filled
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    for (let from = 0; from < parts.length; from += buffersPerCall) {
      position = await this.#writeSome(parts.slice(from, from + buffersPerCall), position)
    }
  }

  async #writeSome(parts: Uint8Array[], position: number): Promise<number> {
    while (parts.length > 0) {
      let { bytesWritten } = await this.#handle.writev(parts, position)
      position += bytesWritten
      // A short write (a nearly full disk, a signal) ends inside some part: go on from there.
      while (parts.length > 0 && bytesWritten >= parts[0]!.byteLength)
        bytesWritten -= parts.shift()!.byteLength
      if (bytesWritten > 0) parts[0] = parts[0]!.subarray(bytesWritten)
    }
    return position
  }

  sync(): Promise<void> {
    return this.#handle.datasync()
  }

  truncate(length: number): Promise<void> {
    return this.#handle.truncate(length)
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

export const nodeFileSystem: FileSystem = {
  async open(path, mode) {
    return new NodeFile(await open(path, flags[mode], 0o600))
  },
  openDirect: openDirectFile,
  async list(directory) {
    try {
      return await readdir(directory)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return []
      throw error
    }
  },
  async makeDirectory(directory) {
    await makeDirectory(directory, 0o700)
  },
  async syncDirectory(directory) {
    const handle = await open(directory, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  rename,
  async remove(path) {
    await rm(path, { force: true })
  },
  async volume(path) {
    const { blocks, bsize, type } = await statfs(path)
    return { bytes: blocks * bsize, type }
  },
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  },
}

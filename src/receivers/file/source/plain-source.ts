/** A file as it lies on disk. */
import { type BigIntStats, constants, fstatSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { fileKey, locate } from '../finding/locate.ts'
import type { ByteSource } from './byte-source.ts'

/**
 * What a file system may give less at a time than it was asked for, it gives in pages: a read that ends elsewhere has
 * met the end of the file.
 */
const pageSize = 4096

export class PlainSource implements ByteSource {
  readonly isOpen = true
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Rejects with what the file system says. Never waits for the other end of a pipe. */
  static async open(path: string): Promise<PlainSource> {
    return new PlainSource(await open(path, constants.O_RDONLY | constants.O_NONBLOCK))
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
      filled += bytesRead
      if (bytesRead === 0 || bytesRead % pageSize !== 0) break
    }
    return filled
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  /**
   * Only right after it was opened, when no file system has to ask anybody for them: a call that does not go through
   * threads costs a tenth, and 10,000 files are opened at a start.
   */
  statsAtOpening(): BigIntStats {
    return fstatSync(this.#handle.fd, { bigint: true })
  }

  stat(): Promise<BigIntStats> {
    return this.#handle.stat({ bigint: true })
  }

  async locate(lastPath: string): Promise<string | null> {
    return await locate(this.#handle.fd, fileKey(await this.stat()), lastPath)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

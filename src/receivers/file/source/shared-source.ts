/**
 * A plain file that holds a descriptor only while it can have one. Without one, it is found again by its name, or by
 * its inode in the directory of that name; device, inode and birth tell whether it is still the same file: without a
 * descriptor nothing keeps its inode from being given to another one.
 */
import type { BigIntStats } from 'node:fs'
import { dirname } from 'node:path'
import { systemCode } from '../../../errors.ts'
import { fileKey, findInodes, isFound, statOrNull } from '../finding/locate.ts'
import type { ByteSource } from './byte-source.ts'
import type { OpenFiles } from './open-files.ts'
import type { PlainSource } from './plain-source.ts'

/** Its name went while it had no descriptor: as when a file server has dropped a file under its readers. */
class StaleError extends Error {
  readonly code = 'ESTALE'
}

/** Milliseconds for which a name that a file was opened by is taken to lead to it still. */
const nameHolds = 500

export class SharedSource implements ByteSource {
  /** The last read met the end. */
  atEnd = false
  readonly #files: OpenFiles
  readonly #key: string
  readonly #born: bigint
  #path: string
  #file: PlainSource | null
  /** Monotonic milliseconds when the descriptor was opened by the path: the two belong together then. */
  #opened: number
  /** Of a descriptor that was just opened, until they are asked for. */
  #fresh: BigIntStats | null
  #opening: Promise<void> | null = null
  #users = 0
  #givingUp = false
  #closed = false

  /** `file` is open, and `stats` its own. */
  constructor(files: OpenFiles, path: string, file: PlainSource, stats: BigIntStats) {
    this.#files = files
    this.#path = path
    this.#file = file
    this.#key = fileKey(stats)
    this.#born = stats.birthtimeNs
    this.#fresh = stats
    this.#opened = this.#files.now()
  }

  get isOpen(): boolean {
    return this.#file !== null
  }

  /** Has a descriptor that nobody uses, and that is not about to be given up. */
  get idle(): boolean {
    return this.#unused && !this.#givingUp
  }

  get #unused(): boolean {
    return this.#file !== null && this.#users === 0
  }

  read(buffer: Uint8Array, position: number): Promise<number> {
    return this.#use(async (file) => {
      const bytes = await file.read(buffer, position)
      if (position > 0) this.#fresh = null
      this.atEnd = bytes < buffer.byteLength
      return bytes
    })
  }

  async size(): Promise<number> {
    return Number((await this.stat()).size)
  }

  /** Rejects with `ESTALE` when it lost its last name while it had no descriptor. */
  async stat(): Promise<BigIntStats> {
    const fresh = this.#fresh
    this.#fresh = null
    if (fresh) return fresh
    if (!this.#file) {
      const stats = await statOrNull(this.#path)
      if (stats && this.#isOf(stats)) return stats
    }
    return await this.#use((file) => file.stat())
  }

  async locate(lastPath: string): Promise<string | null> {
    const path = this.#file ? await this.#use((file) => file.locate(lastPath)) : await this.#find(lastPath)
    if (path !== null) this.#path = path
    return path
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#opening?.catch(() => {})
    await this.#release()
  }

  /** Closes the descriptor, unless its name leads elsewhere or somebody has begun to use it. Never rejects. */
  async giveUp(): Promise<boolean> {
    if (!this.idle) return false
    if (this.#files.now() - this.#opened < nameHolds) {
      await this.#release().catch(() => {})
      return true
    }
    // Whoever needs a descriptor meanwhile asks another file.
    this.#givingUp = true
    const stats = await statOrNull(this.#path).catch(() => null)
    this.#givingUp = false
    if (!stats || !this.#isOf(stats) || !this.#unused) return false
    await this.#release().catch(() => {})
    return true
  }

  async #release(): Promise<void> {
    const file = this.#file
    this.#file = null
    this.#files.gone(this)
    await file?.close()
  }

  async #use<Result>(work: (file: PlainSource) => Promise<Result>): Promise<Result> {
    while (!this.#file) {
      // Several may ask at once, and all share one descriptor.
      this.#opening ??= this.#open().finally(() => {
        this.#opening = null
      })
      await this.#opening
    }
    this.#users += 1
    this.#files.used(this)
    try {
      return await work(this.#file)
    } finally {
      this.#users -= 1
    }
  }

  async #open(): Promise<void> {
    const file = (await this.#openAt(this.#path)) ?? (await this.#openFound())
    if (!file || this.#closed) {
      await file?.close()
      throw new StaleError(
        `${this.#path} is gone, or another file: what it held unread cannot be read any more`,
      )
    }
    this.#file = file
    this.#opened = this.#files.now()
    this.#files.used(this)
  }

  async #openFound(): Promise<PlainSource | null> {
    const path = await this.#find(this.#path)
    const file = path === null ? null : await this.#openAt(path)
    if (file && path !== null) this.#path = path
    return file
  }

  /** Null when another file, or none, is there. */
  async #openAt(path: string): Promise<PlainSource | null> {
    try {
      const file = await this.#files.open(path)
      if (this.#isOf(file.statsAtOpening())) return file
      await file.close()
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw error
    }
    return null
  }

  async #find(lastPath: string): Promise<string | null> {
    for (const path of new Set([this.#path, lastPath])) {
      if (await this.#leadsHere(path)) return path
    }
    for (const directory of new Set([dirname(this.#path), dirname(lastPath)])) {
      const found = await findInodes(directory, (key) => key === this.#key)
      const path = found.get(this.#key)
      if (path !== undefined && (await this.#leadsHere(path))) return path
    }
    return null
  }

  async #leadsHere(path: string): Promise<boolean> {
    const stats = await statOrNull(path).catch(() => null)
    return stats !== null && this.#isOf(stats)
  }

  #isOf(stats: BigIntStats): boolean {
    return isFound({ key: this.#key, born: this.#born }, stats)
  }
}

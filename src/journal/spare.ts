/** The next segment's file, made while the current one is written to. */
import { join } from 'node:path'
import type { FileSystem, OpenFile } from './fs-port.ts'
import { preallocate } from './preallocate.ts'

export interface SpareFile {
  readonly file: OpenFile
  readonly path: string
  readonly size: number
}

export class Spare {
  readonly #fs: FileSystem
  readonly #path: string
  #size = 0
  #making: Promise<SpareFile | null> | null = null
  readonly #stop = new AbortController()

  constructor(fs: FileSystem, directory: string) {
    this.#fs = fs
    this.#path = join(directory, 'spare.tmp')
  }

  /** Bytes it takes, or is about to. */
  get size(): number {
    return this.#size
  }

  /** Begins to make one, unless there is one. A failure shows when the segment is needed. */
  prepare(size: number): void {
    if (this.#making || this.#stop.signal.aborted) return
    this.#size = size
    this.#making = this.#make(size).catch(() => {
      this.#size = 0
      return null
    })
  }

  async #make(size: number): Promise<SpareFile> {
    return { file: await preallocate(this.#fs, this.#path, size, this.#stop.signal), path: this.#path, size }
  }

  /** The prepared file when there is one of at least `size` bytes; otherwise makes one now. */
  async take(size: number): Promise<SpareFile> {
    const making = this.#making
    this.#making = null
    const made = await making
    this.#size = 0
    if (made && made.size >= size) return made
    await made?.file.close()
    return await this.#make(size)
  }

  /** Gives back what was prepared: others need the space. The next one is made when it is needed. */
  release(): void {
    this.#making = this.#making?.then((made) => this.#remove(made)) ?? null
  }

  async #remove(made: SpareFile | null): Promise<null> {
    await made?.file.close()
    await this.#fs.remove(this.#path).catch(() => {})
    this.#size = 0
    return null
  }

  /** Removes what was prepared. */
  async drop(): Promise<void> {
    this.#stop.abort()
    const made = await this.#making
    this.#making = null
    this.#size = 0
    await made?.file.close()
    await this.#fs.remove(this.#path)
  }
}

/** `journal.min_free`: what the journal leaves of its volume to others. Looked at once a second and before each segment. */
import type { FileSystem } from './fs-port.ts'

export interface DiskFloorOptions {
  readonly fs: FileSystem
  readonly directory: string
  /** Bytes, as it is now; 0: none. */
  readonly least: () => number
}

export class DiskFloor {
  readonly #options: DiskFloorOptions
  #free = Number.POSITIVE_INFINITY

  constructor(options: DiskFloorOptions) {
    this.#options = options
  }

  get least(): number {
    return this.#options.least()
  }

  /** Bytes free at the last look. */
  get free(): number {
    return this.#free
  }

  async look(): Promise<void> {
    const { fs, directory } = this.#options
    if (this.least === 0) return
    // A disk that can't say how full it is fails at the next write, and is heard of then.
    this.#free = await fs.freeBytes(directory).catch(() => this.#free)
  }

  /** Bytes that lack if `more` are taken. `below` of those kept for others may be used. */
  shortBy(more: number, below: number): number {
    const { least } = this
    return least === 0 ? 0 : more + Math.max(0, least - below) - this.#free
  }
}

/** Tells when all that was there of some files at one moment has been read and committed. */
import type { FollowedFile } from './followed-file.ts'

interface Awaited {
  /** Bytes that must have been looked at; infinite where only its end says that they were. */
  readonly size: number
  /** Position that must be committed, once they have been. */
  target: number | null
}

export class CatchUp {
  readonly done: Promise<void>
  #resolve!: () => void
  #complete = false
  readonly #open = new Map<FollowedFile, Awaited>()

  constructor() {
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  add(file: FollowedFile, size = file.found.size): void {
    if (!this.#complete) this.#open.set(file, { size, target: null })
  }

  /** No more files are added. */
  complete(): void {
    this.#complete = true
    for (const file of this.#open.keys()) this.check(file)
    if (this.#open.size === 0) this.#resolve()
  }

  check(file: FollowedFile): void {
    const awaited = this.#open.get(file)
    if (awaited === undefined) return
    const over = file.closed || file.ignored
    if (file.held && !file.gzip && !over) {
      // Which of two equal files is read, if not both, is not known yet.
      if (!file.held.lasting || this.#open.has(file.held.original)) return
      this.#close(file)
      return
    }
    const seen = (!file.gzip && file.lines.scanned >= awaited.size) || file.drained
    if (awaited.target === null && seen && !file.truncated) awaited.target = file.lines.next
    const { target } = awaited
    if (over || (target !== null && file.outgoing.committed >= Math.min(target, file.unfinishedAt)))
      this.#close(file)
  }

  #close(file: FollowedFile): void {
    this.#open.delete(file)
    if (!this.#complete) return
    if (this.#open.size === 0) this.#resolve()
    // What is the same as this one was waiting for it.
    for (const other of this.#open.keys()) if (other.held?.original === file) this.check(other)
  }
}

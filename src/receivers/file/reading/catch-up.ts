/** Tells when everything that was there at the start has been read and committed. */
import type { FollowedFile } from './followed-file.ts'

export class CatchUp {
  readonly done: Promise<void>
  #resolve!: () => void
  #complete = false
  /** Position that must be committed, once the bytes that were there have been looked at. */
  readonly #open = new Map<FollowedFile, number | null>()

  constructor() {
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  add(file: FollowedFile): void {
    if (!this.#complete) this.#open.set(file, null)
  }

  /** No more files are added. */
  complete(): void {
    this.#complete = true
    for (const file of this.#open.keys()) this.check(file)
    if (this.#open.size === 0) this.#resolve()
  }

  check(file: FollowedFile): void {
    const target = this.#open.get(file)
    if (target === undefined) return
    const over = file.closed || file.ignored
    if (file.held && !file.gzip && !over) {
      // Which of two equal files is read, if not both, is not known yet.
      if (!file.held.lasting || this.#open.has(file.held.original)) return
      this.#close(file)
      return
    }
    const seen = (!file.gzip && file.lines.scanned >= file.found.size) || file.drained
    if (target === null && seen && !file.truncated) this.#open.set(file, file.lines.next)
    const reached = this.#open.get(file)
    if (
      over ||
      (typeof reached === 'number' && file.outgoing.committed >= Math.min(reached, file.unfinishedAt))
    )
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

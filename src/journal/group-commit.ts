/**
 * When to commit, and what together. One sync is under way at a time; what arrives meanwhile forms the next group.
 * A group waits as long as the last sync took, counted from its first arrival, at most `maxDelay`; a full one and an
 * idle journal don't wait at all.
 */
import type { Clock } from '../clock.ts'
import { asError } from '../errors.ts'

export interface GroupCommitOptions<T> {
  readonly clock: Clock
  /** As they are now: milliseconds, and bytes. */
  readonly limits: () => { readonly max_delay: number; readonly max_bytes: number }
  /** Commits the group and tells each entry; what it throws is a defect, passed to `broken`. */
  readonly commit: (group: T[]) => Promise<void>
  readonly broken: (group: T[], error: Error) => void
}

interface Queued<T> {
  readonly entry: T
  readonly bytes: number
  readonly arrived: number
}

export class GroupCommit<T> {
  readonly #options: GroupCommitOptions<T>
  #queue: Queued<T>[] = []
  #queuedBytes = 0
  #running: Promise<void> | null = null
  #lastMilliseconds = 0
  #wake: AbortController | null = null

  constructor(options: GroupCommitOptions<T>) {
    this.#options = options
  }

  /** Bytes that wait or are being committed. */
  get pendingBytes(): number {
    return this.#queuedBytes
  }

  add(entry: T, bytes: number): void {
    this.#queue.push({ entry, bytes, arrived: this.#options.clock.monotonic() })
    this.#queuedBytes += bytes
    if (this.#queuedBytes >= this.#options.limits().max_bytes) this.#wake?.abort('full')
    this.#running ??= this.#run()
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    // What the same turn of the event loop appends goes into the same group.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      await this.#window()
      const group = this.#takeGroup()
      const entries = group.map(({ entry }) => entry)
      const started = this.#options.clock.monotonic()
      try {
        await this.#options.commit(entries)
      } catch (error) {
        this.#options.broken(entries, asError(error))
      }
      this.#lastMilliseconds = this.#options.clock.monotonic() - started
      for (const { bytes } of group) this.#queuedBytes -= bytes
    }
    this.#running = null
    this.#lastMilliseconds = 0
  }

  async #window(): Promise<void> {
    const { clock, limits } = this.#options
    const { max_delay: maxDelay, max_bytes: maxBytes } = limits()
    const waited = clock.monotonic() - this.#queue[0]!.arrived
    const left = Math.min(this.#lastMilliseconds, maxDelay) - waited
    // Timers are no finer than a millisecond: a shorter wait would be a longer one.
    if (left < 1 || this.#queuedBytes >= maxBytes) return
    this.#wake = new AbortController()
    await clock.sleep(left, this.#wake.signal).catch(() => {})
    this.#wake = null
  }

  #takeGroup(): Queued<T>[] {
    const { max_bytes: maxBytes } = this.#options.limits()
    let bytes = 0
    let length = 0
    for (const queued of this.#queue) {
      if (length > 0 && bytes + queued.bytes > maxBytes) break
      bytes += queued.bytes
      length++
    }
    return this.#queue.splice(0, length)
  }
}

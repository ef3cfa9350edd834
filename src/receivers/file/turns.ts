/**
 * Whose turn it is to be read. Every file that has something to read gets one chunk, then goes to the back of the
 * queue, so that a noisy one starves none. Two lanes overlap one file's read with another's framing; each uses one
 * buffer at a time, so what is read and not yet handed on never exceeds two chunks, however many files there are.
 *
 * Compressed files have a queue of their own, whose turns alternate with the others': one that is begun goes before one
 * that is not, since to leave it in the middle is to hold its decompression in memory.
 */
import type { Clock } from '../../clock.ts'
import { systemCode } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { ChunkBuffers } from './chunk-buffers.ts'
import { Delays } from './delays.ts'
import type { FollowedFile } from './followed-file.ts'

const lanes = 2
/** Milliseconds between two looks at one file that had little to read: a burst of small writes is read at once. */
const linger = 4
/** Milliseconds until a file whose reading failed is tried again. */
const retryAfter = 1_000

export class Turns {
  /** In the order of their turns. */
  readonly #ready = new Set<FollowedFile>()
  readonly #begun = new Set<FollowedFile>()
  readonly #notBegun = new Set<FollowedFile>()
  #compressedNext = false
  readonly #running = new Set<FollowedFile>()
  /** Woken while their turn was running: what woke them may have come too late for it. */
  readonly #again = new Set<FollowedFile>()
  readonly #delayed: Delays<FollowedFile>
  readonly #idle: (() => void)[] = []
  readonly #buffers: ChunkBuffers
  readonly #clock: Clock
  readonly #log: Log
  readonly #signal: AbortSignal

  constructor(options: { buffers: ChunkBuffers; clock: Clock; log: Log; signal: AbortSignal }) {
    this.#buffers = options.buffers
    this.#clock = options.clock
    this.#log = options.log
    this.#signal = options.signal
    const { clock, signal } = options
    this.#delayed = new Delays({ clock, signal, over: (file) => this.#enqueue(file) })
    const end = () => {
      for (const resume of this.#idle.splice(0)) resume()
    }
    this.#signal.addEventListener('abort', end, { once: true })
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: lanes }, () => this.#lane()))
  }

  wake(file: FollowedFile): void {
    if (file.closed || this.#isReady(file) || this.#delayed.has(file)) return
    if (this.#running.has(file)) {
      this.#again.add(file)
      return
    }
    if (file.notBefore > this.#clock.monotonic()) this.#delayed.add(file, file.notBefore)
    else this.#enqueue(file)
  }

  #enqueue(file: FollowedFile): void {
    if (!file.gzip) this.#ready.add(file)
    else (file.gzip.warm ? this.#begun : this.#notBegun).add(file)
    this.#idle.shift()?.()
  }

  #isReady(file: FollowedFile): boolean {
    return this.#ready.has(file) || this.#begun.has(file) || this.#notBegun.has(file)
  }

  #next(): FollowedFile | undefined {
    const compressed = this.#begun.size > 0 ? this.#begun : this.#notBegun
    const both = this.#compressedNext ? [compressed, this.#ready] : [this.#ready, compressed]
    this.#compressedNext = !this.#compressedNext
    for (const queue of both) {
      const [file] = queue
      if (file) {
        queue.delete(file)
        return file
      }
    }
    return undefined
  }

  #failed(file: FollowedFile, error: unknown): void {
    // It is gone, and what becomes of it is decided when it is looked at.
    if (systemCode(error) === 'ESTALE') return
    this.#log.warn(
      { path: file.path, err: error },
      'this file cannot be read right now; it will be tried again',
    )
  }

  async #lane(): Promise<void> {
    while (!this.#signal.aborted) {
      const file = this.#next()
      if (file) {
        await this.#turn(file)
      } else {
        await new Promise<void>((resume) => this.#idle.push(resume))
      }
    }
  }

  async #turn(file: FollowedFile): Promise<void> {
    this.#running.add(file)
    let again = false
    try {
      again = (await file.turn(this.#buffers)) === 'again'
      if (!again) file.notBefore = Math.max(file.notBefore, this.#clock.monotonic() + linger)
    } catch (error) {
      if (this.#signal.aborted || file.closed) return
      this.#failed(file, error)
      file.notBefore = this.#clock.monotonic() + retryAfter
      again = true
    } finally {
      this.#running.delete(file)
      if (this.#again.delete(file)) again = true
    }
    if (again) this.wake(file)
  }
}

/**
 * Whose turn it is to be read. Every file that has something to read gets one chunk, then goes to the back of the
 * queue, so that a noisy one starves none. Four lanes overlap the calls of one file with those of others, and gather
 * several files' commits in one sync; each uses one buffer at a time, so what is read and not yet handed on never exceeds
 * four chunks, however many files there are.
 *
 * Files that have a descriptor go before those that must take another one's: what is identified is then read, and to its
 * end, before its descriptor is needed elsewhere. Those without one wait for a bounded number of turns.
 *
 * Compressed files have a queue of their own, whose turns alternate with the others': one that is begun goes before one
 * that is not, since to leave it in the middle is to hold its decompression in memory.
 */
import type { Clock } from '../../../clock.ts'
import { systemCode } from '../../../errors.ts'
import type { Log } from '../../../telemetry/log.ts'
import { Delays } from '../finding/delays.ts'
import type { ChunkBuffers } from './chunk-buffers.ts'
import type { FollowedFile } from './followed-file.ts'

const lanes = 4
/** Turns of open files for one of those that must be opened, while there are both. */
const turnsPerOpening = 8
/** Milliseconds between two looks at one file that had little to read: a burst of small writes is read at once. */
const linger = 4
/** Milliseconds until a file whose reading failed is tried again. */
const retryAfter = 1_000

export class Turns {
  /** In the order of their turns: files with a descriptor, and files without. */
  readonly #open = new Set<FollowedFile>()
  readonly #toOpen = new Set<FollowedFile>()
  /** Turns of open files since one was opened. */
  #sinceOpening = 0
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

  /** Its turn comes anyway: nothing has to be found out about it before. */
  expects(file: FollowedFile): boolean {
    return this.#open.has(file) || this.#toOpen.has(file) || this.#begun.has(file) || this.#notBegun.has(file)
  }

  wake(file: FollowedFile): void {
    if (file.closed || this.expects(file) || this.#delayed.has(file)) return
    if (this.#running.has(file)) {
      this.#again.add(file)
      return
    }
    if (file.notBefore > this.#clock.monotonic()) this.#delayed.add(file, file.notBefore)
    else this.#enqueue(file)
  }

  #enqueue(file: FollowedFile): void {
    if (!file.gzip) (file.found.source.isOpen ? this.#open : this.#toOpen).add(file)
    else (file.gzip.warm ? this.#begun : this.#notBegun).add(file)
    this.#idle.shift()?.()
  }

  #next(): FollowedFile | undefined {
    const compressed = this.#compressedNext
    this.#compressedNext = !compressed
    return compressed
      ? (this.#nextCompressed() ?? this.#nextPlain())
      : (this.#nextPlain() ?? this.#nextCompressed())
  }

  #nextCompressed(): FollowedFile | undefined {
    return firstOf(this.#begun) ?? firstOf(this.#notBegun)
  }

  #nextPlain(): FollowedFile | undefined {
    if (this.#sinceOpening >= turnsPerOpening) {
      this.#sinceOpening = 0
      const file = firstOf(this.#toOpen)
      if (file) return file
    }
    for (let file = firstOf(this.#open); file; file = firstOf(this.#open)) {
      if (file.found.source.isOpen) {
        this.#sinceOpening += 1
        return file
      }
      // It gave its descriptor up while it waited.
      this.#toOpen.add(file)
    }
    this.#sinceOpening = 0
    return firstOf(this.#toOpen)
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

/** Takes the first out of the queue. */
function firstOf(queue: Set<FollowedFile>): FollowedFile | undefined {
  const [file] = queue
  if (file) queue.delete(file)
  return file
}

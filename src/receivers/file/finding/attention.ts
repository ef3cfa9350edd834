/**
 * How often each file is looked at, beside the file system's notifications: files that were just written to every
 * 25 ms, so that latency does not hang on a notification; the rest in turn at `poll`, but never more than 100 a
 * second (500 where nothing notifies), so that 10,000 idle files cost next to nothing.
 */
import type { BigIntStats } from 'node:fs'
import type { Clock } from '../../../clock.ts'
import { systemCode } from '../../../errors.ts'
import type { FollowedFile } from '../reading/followed-file.ts'
import type { FollowedFiles } from './followed-files.ts'
import { isFound, statOrNull } from './locate.ts'
import type { OldFiles } from './old-files.ts'

const hotTick = 25
/** Hot files looked at in one tick: more of them are looked at less often, so that looking stays cheap. */
const hotLooks = 25
const idleTick = 100
/** The same where so few files are quiet that all have their turn in one tick: an idle agent is to sleep. */
const fewFiles = 10
const longestTick = 250
/** Milliseconds that a file stays hot after it was last woken. */
const hotFor = 2_000
const looksPerSecond = 100
/** The same where nothing notifies, so that looking is all there is. */
const looksPerSecondAlone = 500
/** Unreadable paths tried again a second. */
const retries = 50

export interface AttentionOptions {
  readonly files: FollowedFiles
  readonly oldFiles: OldFiles
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Milliseconds between two looks at a quiet file, at least. */
  readonly poll: number
  /** There are no notifications. */
  readonly alone: boolean
  /** Milliseconds without growth after which a file that lost its name counts as finished. */
  readonly grace: number
  readonly wake: (file: FollowedFile) => void
  /** The file has nothing in it, and may have had since it was looked at last. */
  readonly emptied: (file: FollowedFile) => void
  /** Whether the file is about to be read anyway. */
  readonly expected: (file: FollowedFile) => boolean
}

export class Attention {
  readonly #options: AttentionOptions
  /** When each was last woken, monotonic milliseconds. */
  readonly #hot = new Map<FollowedFile, number>()
  readonly #looked = new WeakMap<FollowedFile, number>()
  #round: FollowedFile[] = []

  constructor(options: AttentionOptions) {
    this.#options = options
  }

  active(file: FollowedFile): void {
    this.#hot.set(file, this.#options.clock.monotonic())
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { files, oldFiles, clock, signal, alone } = this.#options
    const pace = alone ? looksPerSecondAlone : looksPerSecond
    let last = clock.monotonic()
    let retried = last
    while (!signal.aborted) {
      await clock.sleep(this.#tick(), signal).catch(() => {})
      if (signal.aborted) return
      const now = clock.monotonic()
      await this.#lookAtHot(now)
      await this.#lookAtCold(now, Math.ceil((Math.min(now - last, 1_000) * pace) / 1_000))
      last = now
      if (now - retried >= 1_000) {
        retried = now
        for (const path of [...files.unreadable.take(retries), ...oldFiles.take(retries)])
          await files.look(path)
      }
    }
  }

  #tick(): number {
    if (this.#hot.size > 0) return hotTick
    const { files, poll } = this.#options
    return files.size > fewFiles ? idleTick : Math.max(idleTick, Math.min(poll, longestTick))
  }

  async #lookAtHot(now: number): Promise<void> {
    const next: FollowedFile[] = []
    let looks = Math.min(hotLooks, this.#hot.size)
    for (const [file, woken] of this.#hot) {
      if (looks === 0) break
      looks -= 1
      this.#hot.delete(file)
      if (file.closed || (now - woken > hotFor && (!file.displaced || file.finishing))) continue
      // To the back of the queue, with the time it had.
      this.#hot.set(file, woken)
      if (this.#options.expected(file) && !file.displaced) continue
      this.#looked.set(file, now)
      next.push(file)
    }
    await this.#lookAtAll(next, now)
  }

  async #lookAtCold(now: number, most: number): Promise<void> {
    const next: FollowedFile[] = []
    for (let looks = 0; looks < most; looks += 1) {
      if (this.#round.length === 0) this.#round = [...this.#options.files.all]
      const file = this.#round.at(-1)
      // One that is looked at more often anyway must not hold up those behind it.
      const hot = file !== undefined && this.#hot.has(file)
      if (!file || (!hot && now - (this.#looked.get(file) ?? 0) < this.#options.poll)) break
      this.#round.pop()
      if (hot) continue
      this.#looked.set(file, now)
      next.push(file)
    }
    await this.#lookAtAll(next, now)
  }

  /** All at once: a call into the file system costs a fraction of what it does when each waits for the one before. */
  async #lookAtAll(files: readonly FollowedFile[], now: number): Promise<void> {
    await Promise.all(files.map((file) => this.#look(file, now)))
  }

  async #look(file: FollowedFile, now: number): Promise<void> {
    if (file.closed) return
    const { files, wake } = this.#options
    try {
      const stats = file.location === null ? await file.found.source.stat() : await statOrNull(file.location)
      if (stats === null || !isFound(file.found, stats)) {
        if (file.location !== null) await files.lost(file, file.location)
      } else if (this.#hasChanged(file, stats) || ((file.displaced || file.sealed) && !file.atEnd)) {
        wake(file)
      } else if (file.isDue(now) || file.held || file.predecessor?.drained) {
        wake(file)
      } else if (file.displaced || file.sealed) {
        await this.#lookAtDisplaced(file, now, stats.nlink === 0n)
      }
      await file.confirmGrowth()
    } catch (error) {
      // The file system has dropped the file under us: there is nothing left to read.
      if (systemCode(error) === 'ESTALE' && file.displaced) await files.retire(file)
    }
  }

  #hasChanged(file: FollowedFile, stats: BigIntStats): boolean {
    if (file.wasEmptied(stats)) this.#options.emptied(file)
    return file.hasChanged(stats)
  }

  /** Read to its end: finish its last line after the grace, and let go of it once it has no name left. */
  async #lookAtDisplaced(file: FollowedFile, now: number, nameless: boolean): Promise<void> {
    if (!file.drained || now - file.growth.lastAt < this.#options.grace) return
    if (!file.finishing) {
      file.finishing = true
      // Its turn may be long in coming: only then is this the end.
      file.expectMore()
      this.#options.wake(file)
    } else if (nameless) {
      await this.#options.files.retire(file)
    }
  }
}

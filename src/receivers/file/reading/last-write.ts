/**
 * Whether a file was written to between two looks, by its time: one that was truncated and is as long again looks no
 * different by its size, and where nothing notifies, nothing else tells.
 */
import type { Clock } from '../../../clock.ts'

/** Milliseconds within which a second write may bear the time of the first. */
const clockTick = 20

export class LastWrite {
  readonly #clock: Clock
  /** Unix nanoseconds. */
  #at: bigint
  /** When it was looked at last, it may have been written to once more without another time. */
  #unsure: boolean

  /** `at`: of a file that is about to be read. */
  constructor(at: bigint, clock: Clock) {
    this.#clock = clock
    this.#at = at
    this.#unsure = this.#isRecent(at)
  }

  /** Notes the time of a look. True when what was read before may not be all, or not be there any more. */
  isNews(at: bigint): boolean {
    const isNew = at !== this.#at
    const news = isNew || this.#unsure
    this.#at = at
    // The clock of a file server may be another one: so at least once more.
    this.#unsure = isNew || this.#isRecent(at)
    return news
  }

  #isRecent(at: bigint): boolean {
    return Math.abs(this.#clock.now() - Number(at / 1_000_000n)) <= clockTick
  }
}

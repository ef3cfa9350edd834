/**
 * Requests that were given up may still be under way in the server, and some servers check the condition "only if it is not
 * there" when a request begins, or not at all in buckets with versions: whoever writes again at once may write twice. So
 * a name is written again only once it has been quiet for a while, and still nothing is there.
 */
import type { Clock } from '../../clock.ts'

/** How long a server may work on what nobody waits for any more; less where requests have less. Milliseconds. */
const LONGEST = 5_000
/** Names that are remembered: more than can be under way. */
const MOST = 2_000

export class Unanswered {
  readonly #clock: Pick<Clock, 'monotonic' | 'sleep'>
  readonly #quiet: number
  readonly #begun: number
  /** By name: when the last request was given up; undefined: nothing of it is under way. */
  readonly #given = new Map<string, number | undefined>()

  /** `timeout`: of one request, milliseconds. */
  constructor(clock: Pick<Clock, 'monotonic' | 'sleep'>, timeout: number) {
    this.#clock = clock
    this.#quiet = Math.min(timeout, LONGEST)
    this.#begun = clock.monotonic()
  }

  /** This name is new: no earlier run can have written to it. */
  fresh(key: string): void {
    if (this.#given.size >= MOST)
      for (const oldest of this.#given.keys().take(MOST / 2)) this.#given.delete(oldest)
    if (!this.#given.has(key)) this.#given.set(key, undefined)
  }

  /** A request to write ended without a word on what became of it. */
  givenUp(key: string): void {
    this.#given.set(key, this.#clock.monotonic())
  }

  /** The server has said what became of it. */
  answered(key: string): void {
    this.#given.set(key, undefined)
  }

  /** Waits until the name has been quiet; true when that took time. Rejects with the signal's reason. */
  async quiet(key: string, signal: AbortSignal): Promise<boolean> {
    // What this run has not planned, an earlier one may have sent right before it ended.
    const since = this.#given.has(key) ? this.#given.get(key) : this.#begun
    const wait = since === undefined ? 0 : since + this.#quiet - this.#clock.monotonic()
    if (wait <= 0) return false
    await this.#clock.sleep(wait, signal)
    return true
  }
}

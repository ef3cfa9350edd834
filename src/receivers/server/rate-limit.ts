/**
 * How much one credential delivers, on average: what was taken is counted afterwards, since nobody knows before how large a
 * body becomes, and who is in debt has to wait until it is paid off.
 */
import { AffiantError } from '../../errors.ts'

export class RateLimited extends AffiantError {
  /** After which there is room again. */
  readonly seconds: number

  constructor(id: string, rate: number, seconds: number) {
    super('rate_limited', `${id} has sent more than its rate of ${rate} bytes per second`)
    this.seconds = seconds
  }
}

export class RateLimit {
  readonly #id: string
  /** Bytes per second. What was not used of one second is there in the next. */
  readonly #rate: number
  #left: number
  #since: number

  /** `now` is `clock.monotonic()`, here and below. */
  constructor(id: string, rate: number, now: number) {
    this.#id = id
    this.#rate = rate
    this.#left = rate
    this.#since = now
  }

  /** Throws `rate_limited`. */
  check(now: number): void {
    this.#left = Math.min(this.#rate, this.#left + ((now - this.#since) / 1000) * this.#rate)
    this.#since = now
    if (this.#left >= 0) return
    throw new RateLimited(this.#id, this.#rate, Math.ceil(-this.#left / this.#rate))
  }

  spend(bytes: number): void {
    this.#left -= bytes
  }
}

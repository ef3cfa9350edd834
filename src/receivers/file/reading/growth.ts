/** How a file grew, as far as anybody looked: what tells a loss that is certain from one that is possible. */
import type { Clock } from '../../../clock.ts'

export class Growth {
  /** The largest size that was ever seen of this generation, or of the next one before anyone noticed that it is that. */
  seen = 0
  /** The largest size that this generation had for sure: after it was seen, the file was still the one that is read. */
  confirmed = 0
  /** Unix milliseconds at which this generation was there for sure. */
  stoodAt = 0
  /** Monotonic milliseconds when it was last seen to have grown. */
  grew = Number.NEGATIVE_INFINITY
  /** Monotonic milliseconds when a look last found that it had not grown. */
  quietAt = Number.NEGATIVE_INFINITY
  /** Monotonic milliseconds when something was last read of it, or it was met. */
  lastAt: number
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
    this.lastAt = clock.monotonic()
  }

  /** So many bytes were seen of it. */
  to(size: number): void {
    this.lastAt = this.#clock.monotonic()
    if (size <= this.seen) return
    this.seen = size
    this.grew = this.lastAt
  }

  /** The file is what it was, and was so when this size was seen; `at`, unix milliseconds, is before that was found. */
  confirm(size: number, at = 0): void {
    this.confirmed = Math.max(this.confirmed, size)
    this.stoodAt = Math.max(this.stoodAt, at)
  }

  /** A look found nothing new. */
  rests(): void {
    this.quietAt = this.#clock.monotonic()
  }

  /** It was read up to here before. */
  resume(offset: number): void {
    this.seen = Math.max(this.seen, offset)
    this.confirm(offset)
  }

  /** Another generation begins. */
  restart(): void {
    this.seen = 0
    this.confirmed = 0
    this.grew = Number.NEGATIVE_INFINITY
  }
}

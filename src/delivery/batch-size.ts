/**
 * How large batches are cut: as the configuration says, or smaller where a destination says that they are too large. What
 * it takes is found by halving, kept, and tried anew now and then: a limit may have been one proxy's, for a minute.
 */

/** After so many batches of the size that was found, twice as much is tried. */
const AFTER = 200
/** Smaller than this is a matter of single events. Bytes. */
const LEAST = 1024

export class BatchSize {
  /** Bytes of lines. */
  limit: number
  readonly #configured: number
  #accepted = 0

  constructor(configured: number) {
    this.#configured = configured
    this.limit = configured
  }

  /** More than one event, `bytes` together, was too much. `share`: how much of it may be tried next. */
  tooLarge(bytes: number, share = 0.5): void {
    this.#accepted = 0
    this.limit = Math.min(this.limit, Math.max(Math.min(LEAST, this.#configured), Math.floor(bytes * share)))
  }

  /** A batch was accepted as it was cut. */
  accepted(): void {
    if (this.limit === this.#configured || ++this.#accepted < AFTER) return
    this.#accepted = 0
    this.limit = Math.min(this.#configured, this.limit * 2)
  }
}

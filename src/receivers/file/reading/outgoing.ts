/** What one file has handed on and not yet seen committed. */

interface Work<Result> {
  /** Where reading resumes if this fails. */
  readonly from: number
  /** The position once it is committed. */
  readonly to: number
  /** Whether this opens the stream: without it no chunk of the stream may follow. */
  readonly opens?: boolean
  /** Called once it is committed. */
  readonly committed?: (result: Result) => void
  /** Gives back what the work held, whatever came of it. */
  readonly release?: () => void
}

export class Outgoing {
  /** Everything below is committed. */
  committed = 0
  /** The first work that failed and must be done again; nothing after it may be stepped over. */
  failure: { readonly from: number; readonly opens: boolean; readonly error: unknown } | null = null
  /** The stream's opening is not committed yet. */
  opening = false
  #count = 0
  readonly #signal: AbortSignal
  readonly #settled: () => void

  /** `settled` is called after each commit or failure. */
  constructor(signal: AbortSignal, settled: () => void) {
    this.#signal = signal
    this.#settled = settled
  }

  get count(): number {
    return this.#count
  }

  send<Result>(promise: Promise<Result>, work: Work<Result>): void {
    this.#count += 1
    if (work.opens) this.opening = true
    promise
      .then(
        (result) => {
          if (!this.failure) this.committed = work.to
          work.committed?.(result)
        },
        (error: unknown) => {
          // A stop leaves the position where the last commit put it: that is all a restart needs.
          if (this.#signal.aborted) return
          // The earliest is where reading goes back to, in whatever order they are heard of.
          if (!this.failure || work.from < this.failure.from) {
            this.failure = { from: work.from, opens: work.opens ?? false, error }
          }
        },
      )
      .finally(() => {
        this.#count -= 1
        if (work.opens) this.opening = false
        work.release?.()
        this.#settled()
      })
      .catch(() => {})
  }
}

/** Those who wait for something to change. */
export class Waiters {
  readonly #waiting = new Set<() => void>()

  /** Resolves at the next `wake`; rejects with the signal's reason. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const wake = () => {
        signal.removeEventListener('abort', abort)
        this.#waiting.delete(wake)
        resolve()
      }
      const abort = () => {
        this.#waiting.delete(wake)
        reject(signal.reason)
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.add(wake)
    })
  }

  wake(): void {
    for (const wake of this.#waiting) wake()
  }
}

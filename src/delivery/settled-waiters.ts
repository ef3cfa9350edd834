/** Those who wait until everything below a seq is settled. */

interface Waiter {
  readonly seq: number
  readonly done: () => void
}

export class SettledWaiters {
  readonly #waiting = new Set<Waiter>()

  get empty(): boolean {
    return this.#waiting.size === 0
  }

  /** Rejects with the signal's reason. */
  async wait(seq: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { seq, done: resolve }
    const abort = () => reject(signal.reason)
    this.#waiting.add(waiter)
    signal.addEventListener('abort', abort, { once: true })
    try {
      await promise
    } finally {
      this.#waiting.delete(waiter)
      signal.removeEventListener('abort', abort)
    }
  }

  /** Everything below `settled` is. */
  moved(settled: number): void {
    for (const { seq, done } of this.#waiting) if (settled >= seq) done()
  }
}

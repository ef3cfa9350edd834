/** Time that passes when a test says so, or as soon as nobody has anything else to do. */
import type { Clock } from '../../src/clock.ts'

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

export class VirtualClock implements Clock {
  time = Date.UTC(2026, 10, 23, 11)
  readonly #start = this.time
  readonly #sleepers = new Set<Sleeper>()

  now(): number {
    return this.time
  }

  monotonic(): number {
    return this.time - this.#start
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abort = () => {
        this.#sleepers.delete(sleeper)
        reject(signal?.reason)
      }
      const sleeper: Sleeper = {
        due: this.time + ms,
        wake: () => {
          this.#sleepers.delete(sleeper)
          signal?.removeEventListener('abort', abort)
          resolve()
        },
      }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Lets everybody else run, then jumps to the next sleeper's time, until `condition` holds. */
  async runUntil(condition: () => boolean, limit = 100_000): Promise<void> {
    for (let turn = 0; turn < limit; turn++) {
      // Long enough for chains of promises and for file I/O to get their turn.
      for (let pass = 0; pass < 4; pass++) await new Promise((resolve) => setImmediate(resolve))
      if (condition()) return
      const next = [...this.#sleepers].sort((a, b) => a.due - b.due)[0]
      if (next === undefined) {
        // Somebody waits for a disk, then: turns alone would be over before it.
        await new Promise((resolve) => setTimeout(resolve, 1))
        continue
      }
      this.time = Math.max(this.time, next.due)
      next.wake()
    }
    throw new Error('the condition was not met, however much time passed')
  }
}

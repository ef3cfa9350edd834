/** Bytes that may be in flight at once, handed out first come, first served. */
export class ByteBudget {
  readonly capacity: number
  #used = 0
  #peak = 0
  readonly #waiting: { readonly bytes: number; readonly admit: () => void }[] = []

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Most bytes that were out at one time. */
  get peak(): number {
    return this.#peak
  }

  /** What `acquire(bytes)` really takes: a single line above the capacity travels alone. */
  cost(bytes: number): number {
    return Math.min(bytes, this.capacity)
  }

  /** Resolves when `bytes` fit; rejects with the signal's reason. */
  acquire(bytes: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const cost = this.cost(bytes)
    if (this.#waiting.length === 0 && this.#used + cost <= this.capacity) {
      this.#take(cost)
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(signal.reason)
        this.#admit()
      }
      const admit = () => {
        signal.removeEventListener('abort', abort)
        resolve()
      }
      const entry = { bytes: cost, admit }
      this.#waiting.push(entry)
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  release(bytes: number): void {
    this.#used -= this.cost(bytes)
    this.#admit()
  }

  #take(cost: number): void {
    this.#used += cost
    this.#peak = Math.max(this.#peak, this.#used)
  }

  #admit(): void {
    for (;;) {
      const first = this.#waiting[0]
      if (!first || this.#used + first.bytes > this.capacity) return
      this.#waiting.shift()
      this.#take(first.bytes)
      first.admit()
    }
  }
}

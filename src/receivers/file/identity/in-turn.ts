/** Tasks that concern the same thing, one after the other; others go on beside them. */
export class InTurn {
  /** Settles when the last task of its key has ended. Never rejects. */
  readonly #last = new Map<string, Promise<void>>()

  async run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key)
    const result = before ? before.then(task) : task()
    const settled = result.then(
      () => {},
      () => {},
    )
    this.#last.set(key, settled)
    try {
      return await result
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    }
  }
}

/**
 * Letters that have been come by: one that is there twice, from before and after a kill, counts once and goes once. Bounded:
 * the second lies behind no more letters than batches under way hold.
 */
const limit = 200_000

export class SeenLetters {
  /** The oldest first. */
  readonly #keys = new Set<string>()

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** False when it was there already. */
  add(key: string): boolean {
    if (this.#keys.has(key)) return false
    this.#keys.add(key)
    if (this.#keys.size <= limit) return true
    const [oldest] = this.#keys
    if (oldest !== undefined) this.#keys.delete(oldest)
    return true
  }
}

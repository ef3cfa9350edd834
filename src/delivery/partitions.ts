/**
 * Is it the whole destination, or one partition of the sink (a tenant's URL, a token, an index)? The latter is shown by
 * what happens between two of its failures: the destination takes a request of another partition that began after the first
 * and was answered before the second. One such proof is a strike. All times are `clock.monotonic`, milliseconds.
 */

/** Strikes without a word of the destination that only the partition is meant; within not less than so long. */
const STRIKES = 3
const TIME = 5_000
/** The same where all that may be under way is held, and nothing else can be tried. */
const STUCK_TIME = 1_000
/** So long does an acceptance speak for the destination, when only one partition fails. */
const RECENT = 60_000
/** More failing partitions than this are not told apart. */
const MOST = 1024

interface Failing {
  readonly since: number
  /** When the failure came that the next proof has to follow. */
  last: number
  /** When what was accepted since was answered. */
  proof: number | undefined
  strikes: number
}

export class Partitions {
  readonly #failing = new Map<string, Failing>()
  /** Those whose events become dead letters; true while others have been accepted since the last ones. */
  readonly #barred = new Map<string, boolean>()
  /** The two that were accepted last. */
  #latest: readonly { readonly partition: string; readonly at: number }[] = []

  /** Nothing of a request was accepted, and not for a fault that passes. */
  failed(partition: string, begun: number, now: number): void {
    const known = this.#failing.get(partition)
    if (known === undefined) {
      if (this.#failing.size >= MOST) this.#failing.clear()
      this.#failing.set(partition, { since: now, last: now, proof: undefined, strikes: 0 })
    } else if (known.proof !== undefined && begun >= known.proof) {
      known.strikes++
      known.last = now
      known.proof = undefined
    }
  }

  /** True when it was barred: the destination takes it again. */
  accepted(partition: string, begun: number, now: number): boolean {
    this.#failing.delete(partition)
    for (const [name, failing] of this.#failing) {
      if (name !== partition && begun >= failing.last) failing.proof ??= now
    }
    for (const name of this.#barred.keys()) this.#barred.set(name, true)
    const others = this.#latest.filter((one) => one.partition !== partition)
    this.#latest = [{ partition, at: now }, ...others].slice(0, 2)
    return this.#barred.delete(partition)
  }

  /** Its events are dead letters for now. */
  bar(partition: string, now: number): void {
    this.#barred.set(partition, false)
    const since = this.#failing.get(partition)?.since ?? now
    this.#failing.set(partition, { since, last: now, proof: undefined, strikes: 0 })
  }

  /** A batch of it is settled, in whatever way. */
  settled(partition: string): void {
    if (!this.#barred.has(partition)) this.#failing.delete(partition)
  }

  /** Barred, and others have been accepted since its last dead letters. */
  isBarred(partition: string): boolean {
    return this.#barred.get(partition) ?? false
  }

  /** Only it is at fault, as the destination itself says (`named`) or by what it does with others. */
  isAlone(partition: string, now: number, { stuck, named }: { stuck: boolean; named: boolean }): boolean {
    if (this.isBarred(partition)) return true
    const failing = this.#failing.get(partition)
    if (failing === undefined) return false
    const { strikes } = failing
    const age = now - failing.since
    // Once it was shown, it counts as said.
    if (named || this.#barred.has(partition))
      return strikes > 0 || (stuck && age > 0 && this.#onlyOne && this.#tookOthers(partition, now))
    return (strikes >= STRIKES && age >= TIME) || (stuck && strikes > 0 && age >= STUCK_TIME)
  }

  /** Several that fail at once are rather the destination. */
  get #onlyOne(): boolean {
    let count = 0
    for (const name of this.#failing.keys()) if (!this.#barred.has(name)) count++
    return count <= 1
  }

  #tookOthers(partition: string, now: number): boolean {
    const latest = this.#latest.find((one) => one.partition !== partition)
    return latest !== undefined && now - latest.at < RECENT
  }
}

/**
 * Files that had not been written to for longer than `ignore_older` when they were first seen: not opened until they
 * change, and then read like any other.
 */
import type { BigIntStats } from 'node:fs'
import type { Clock } from '../../../clock.ts'
import { fileKey } from './locate.ts'

export class OldFiles {
  readonly #olderThan: number | undefined
  readonly #clock: Clock
  /** Path → what it looked like. */
  readonly #seen = new Map<string, string>()
  #round: string[] = []

  /** `olderThan`: milliseconds. Undefined: no file is too old. */
  constructor(olderThan: number | undefined, clock: Clock) {
    this.#olderThan = olderThan
    this.#clock = clock
  }

  get size(): number {
    return this.#seen.size
  }

  has(path: string): boolean {
    return this.#seen.has(path)
  }

  /** Whether the file is left alone: it was too old when it was first seen, and is still as it was. */
  ignores(path: string, stats: BigIntStats): boolean {
    if (this.#olderThan === undefined) return false
    const looks = `${fileKey(stats)} ${stats.size} ${stats.mtimeNs}`
    const known = this.#seen.get(path)
    if (known === looks) return true
    if (known === undefined && this.#clock.now() - Number(stats.mtimeMs) > this.#olderThan) {
      this.#seen.set(path, looks)
      return true
    }
    this.#seen.delete(path)
    return false
  }

  /** Nothing is at this path any more. */
  forget(path: string): void {
    this.#seen.delete(path)
  }

  /** The next paths to look at, `most` of them, in turn. */
  take(most: number): readonly string[] {
    if (this.#round.length === 0) this.#round = [...this.#seen.keys()]
    return this.#round.splice(-most)
  }
}

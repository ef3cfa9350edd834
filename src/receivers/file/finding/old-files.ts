/**
 * Files that had not been written to for longer than `ignore_older` when they were first seen: not opened until they
 * change, and then read like any other.
 */
import type { BigIntStats } from 'node:fs'
import type { Clock } from '../../../clock.ts'
import { fileKey } from './locate.ts'

export interface OldFile {
  readonly path: string
  /** The name under which it was first seen. */
  readonly origin: string
  /** Where that led if it was a link. */
  readonly target: string | null
  readonly key: string
  /** What it looked like then. */
  readonly looks: string
  /** Unix milliseconds: when it was first seen. */
  readonly since: number
}

export class OldFiles {
  readonly #olderThan: number | undefined
  readonly #clock: Clock
  /** By present path. */
  readonly #seen = new Map<string, OldFile>()
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

  /**
   * Whether the file is left alone: it was too old when it was first seen, and is still as it was. `target`: where the
   * name leads if it is a link.
   */
  ignores(path: string, stats: BigIntStats, target: string | null): boolean {
    if (this.#olderThan === undefined) return false
    const [key, looks] = [fileKey(stats), looksOf(stats)]
    const known = this.#seen.get(path)
    if (known?.looks === looks) return true
    if (known === undefined && this.#clock.now() - Number(stats.mtimeMs) > this.#olderThan) {
      this.#seen.set(path, { path, origin: path, target, key, looks, since: this.#clock.now() })
      return true
    }
    return false
  }

  /** What is at this path is read now. */
  followed(path: string): void {
    this.#seen.delete(path)
  }

  /** The old file that had this path, if `stats` (null: nothing) are of another one. It is no longer looked at there. */
  lost(path: string, stats: BigIntStats | null): OldFile | undefined {
    const known = this.#seen.get(path)
    if (!known || (stats && fileKey(stats) === known.key)) return undefined
    this.#seen.delete(path)
    return known
  }

  /** The old file at this path, if it is not what it was. It is no longer looked at there. */
  changed(path: string, stats: BigIntStats | null): OldFile | undefined {
    const known = this.#seen.get(path)
    if (!known || (stats && looksOf(stats) === known.looks)) return undefined
    this.#seen.delete(path)
    return known
  }

  movedTo(path: string, old: OldFile): void {
    this.#seen.set(path, { ...old, path })
  }

  /** The next paths to look at, `most` of them, in turn. */
  take(most: number): readonly string[] {
    if (this.#round.length === 0) this.#round = [...this.#seen.keys()]
    return this.#round.splice(-most)
  }
}

/** What tells a file that was written to from one that was not, wherever it is. */
export function looksOf(stats: BigIntStats): string {
  return `${fileKey(stats)} ${stats.size} ${stats.mtimeNs}`
}

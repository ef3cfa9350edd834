/**
 * What directories hold, by the names that a rotation would have made it from. Many may ask at once, each for what is
 * there from now on: they share one list, so that 10,000 new files in a directory do not cost as many.
 */
import { readdir } from 'node:fs/promises'
import type { Clock } from '../../../clock.ts'
import { everyOrigin } from './rotated-names.ts'

/** The time until the next list of a directory, in times that one takes; and what takes less is not waited for. */
const share = 4
const quick = 5

/** Base names, by the base name that each may have been made from. */
export type Listing = ReadonlyMap<string, readonly string[]>

export class Listings {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  /** Those that are to begin. */
  readonly #next = new Map<string, Promise<Listing>>()
  /** The latest that began, until another one may. */
  readonly #busy = new Map<string, Promise<void>>()

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock
    this.#signal = signal
  }

  /** A list that is begun from now on; empty when the directory cannot be listed. */
  of(directory: string): Promise<Listing> {
    const next = this.#next.get(directory)
    if (next) return next
    const listing = (this.#busy.get(directory) ?? Promise.resolve()).then(() => this.#list(directory))
    this.#next.set(directory, listing)
    return listing
  }

  async #list(directory: string): Promise<Listing> {
    this.#next.delete(directory)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#busy.set(directory, promise)
    const begun = this.#clock.monotonic()
    const listing = await list(directory)
    const took = this.#clock.monotonic() - begun
    void this.#pause(took < quick ? 0 : took * share).then(() => {
      if (this.#busy.get(directory) === promise) this.#busy.delete(directory)
      resolve()
    })
    return listing
  }

  async #pause(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await this.#clock.sleep(milliseconds, this.#signal).catch(() => {})
  }
}

async function list(directory: string): Promise<Listing> {
  const listing = new Map<string, string[]>()
  for (const name of await readdir(directory).catch(() => [])) {
    for (const origin of everyOrigin(name)) {
      const made = listing.get(origin)
      if (made) made.push(name)
      else listing.set(origin, [name])
    }
  }
  return listing
}

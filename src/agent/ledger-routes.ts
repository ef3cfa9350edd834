/** How many events of a batch go to each sink. One look at each event's route bits, since neighbours mostly agree. */
import type { EncodedBatch } from '../event/batch.ts'
import type { RouteSpec } from '../routing/route.ts'
import { sinkMask } from '../routing/table.ts'

type Routed = Pick<EncodedBatch, 'count' | 'routes' | 'routeWords'>

export class RouteCounter {
  readonly #masks: readonly Uint32Array[]
  /** The first word of each mask. */
  readonly #words: Uint32Array
  readonly #counts: Float64Array

  constructor(routes: readonly RouteSpec[], sinks: readonly string[]) {
    this.#masks = sinks.map((sink) => sinkMask(routes, sink))
    this.#words = Uint32Array.from(this.#masks, (mask) => mask[0] ?? 0)
    this.#counts = new Float64Array(sinks.length)
  }

  /** Events by sink, in the order of the sinks. Good until the next call. */
  count(batch: Routed): Float64Array {
    this.#counts.fill(0)
    // One route word is what nearly every configuration has (up to 32 routes); its loop is worth writing out.
    if (batch.routeWords === 1) this.#countWords(batch)
    else this.#countMany(batch)
    return this.#counts
  }

  #countWords({ count, routes }: Routed): void {
    if (count === 0) return
    const words = this.#words
    const counts = this.#counts
    let bits = routes[0]!
    let start = 0
    for (let index = 1; index <= count; index++) {
      if (index < count && routes[index] === bits) continue
      for (let sink = 0; sink < words.length; sink++) {
        if ((words[sink]! & bits) !== 0) counts[sink] = counts[sink]! + index - start
      }
      start = index
      bits = routes[index]!
    }
  }

  #countMany({ count, routes, routeWords }: Routed): void {
    for (let index = 0; index < count; index++) {
      for (const [sink, mask] of this.#masks.entries()) {
        for (let word = 0; word < routeWords; word++) {
          if ((routes[index * routeWords + word]! & (mask[word] ?? 0)) === 0) continue
          this.#counts[sink] = this.#counts[sink]! + 1
          break
        }
      }
    }
  }
}

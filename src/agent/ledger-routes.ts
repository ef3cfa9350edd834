/** How many events of a batch go to each sink. One look at each event's route bits, since neighbours mostly agree. */
import type { EncodedBatch } from '../event/batch.ts'
import type { RouteSpec } from '../routing/route.ts'
import { sinkMask } from '../routing/table.ts'

type Routed = Pick<EncodedBatch, 'count' | 'routes' | 'routeWords'>

export class RouteCounter {
  readonly #masks: readonly Uint32Array[]
  readonly #counts: Float64Array

  constructor(routes: readonly RouteSpec[], sinks: readonly string[]) {
    this.#masks = sinks.map((sink) => sinkMask(routes, sink))
    this.#counts = new Float64Array(sinks.length)
  }

  /** Events by sink, in the order of the sinks. Good until the next call. */
  count(batch: Routed): Float64Array {
    const { count, routes, routeWords } = batch
    this.#counts.fill(0)
    let start = 0
    for (let index = 1; index <= count; index++) {
      if (index < count && alike(routes, start * routeWords, index * routeWords, routeWords)) continue
      this.#add(routes, start * routeWords, routeWords, index - start)
      start = index
    }
    return this.#counts
  }

  #add(routes: Uint32Array, at: number, words: number, events: number): void {
    for (const [sink, mask] of this.#masks.entries()) {
      for (let word = 0; word < words; word++) {
        if ((routes[at + word]! & (mask[word] ?? 0)) === 0) continue
        this.#counts[sink] = this.#counts[sink]! + events
        break
      }
    }
  }
}

function alike(routes: Uint32Array, a: number, b: number, words: number): boolean {
  for (let word = 0; word < words; word++) if (routes[a + word] !== routes[b + word]) return false
  return true
}

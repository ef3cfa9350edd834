/** Which events of a block go to a sink: those that matched one of the routes that name it. */
import type { CommittedBlock } from '../journal/contract.ts'

/** `[start, end)` index ranges, in order: `[0, 12, 40, 41]` is the events 0–11 and 40. */
export type Runs = readonly number[]

/** The runs of events at or above index `from` whose route bits meet `mask`. */
export function selectRuns(block: CommittedBlock, mask: Uint32Array, from: number): Runs {
  const { routes, routeWords, count } = block
  // One route word is what nearly every configuration has (up to 32 routes); its loop is worth writing out.
  if (routeWords === 1) {
    const bits = mask[0] ?? 0
    const runs: number[] = []
    let start = -1
    for (let index = from; index < count; index++) {
      if ((routes[index]! & bits) !== 0) {
        if (start < 0) start = index
      } else if (start >= 0) {
        runs.push(start, index)
        start = -1
      }
    }
    if (start >= 0) runs.push(start, count)
    return runs
  }
  const runs: number[] = []
  let start = -1
  for (let index = from; index < count; index++) {
    if (meets(routes, index * routeWords, mask, routeWords)) {
      if (start < 0) start = index
    } else if (start >= 0) {
      runs.push(start, index)
      start = -1
    }
  }
  if (start >= 0) runs.push(start, count)
  return runs
}

function meets(routes: Uint32Array, offset: number, mask: Uint32Array, words: number): boolean {
  for (let word = 0; word < words; word++) {
    if ((routes[offset + word]! & (mask[word] ?? 0)) !== 0) return true
  }
  return false
}

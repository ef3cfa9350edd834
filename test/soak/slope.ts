/**
 * Whether something grows, told from samples that also have peaks and steps. Samples are brought down to the floor of
 * each half minute, since garbage that is not collected yet is no growth; of all pairs of floors within a life the
 * median slope counts, since a step (code compiled once more, a heap that was given one more page) is no slope. What
 * really grows, grows between most pairs.
 */

/** `at` in seconds. */
export interface Reading {
  readonly at: number
  readonly value: number
}

const window = 30

/** A second, over all lives, each with a level of its own. 0 where there is too little to tell. */
export function slope(lives: readonly (readonly Reading[])[]): number {
  const slopes = lives.flatMap((life) => between(floors(life))).sort((a, b) => a - b)
  const middle = slopes.length / 2
  return slopes.length === 0 ? 0 : (slopes[Math.floor(middle)]! + slopes[Math.ceil(middle) - 1]!) / 2
}

/** The lowest reading of each window. */
function floors(life: readonly Reading[]): readonly Reading[] {
  const lowest = new Map<number, Reading>()
  for (const reading of life) {
    const part = Math.floor(reading.at / window)
    const known = lowest.get(part)
    if (known === undefined || reading.value < known.value) lowest.set(part, reading)
  }
  return [...lowest.values()]
}

function between(readings: readonly Reading[]): number[] {
  return readings.flatMap((one, index) =>
    readings.slice(index + 1).map((other) => (other.value - one.value) / (other.at - one.at)),
  )
}

/** A small linear congruential generator: the data must be the same everywhere, not unpredictable. */
export function random(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/**
 * The seed of everything random in tests: another one each day, so that CI sees new cases, and the same all day, so that
 * a failure is met again. `AFFIANT_SEED` gives another. Print it with every failure.
 */
export const seed = Number(
  process.env.AFFIANT_SEED ?? new Date().toISOString().slice(0, 10).replaceAll('-', ''),
)

/** `AFFIANT_FULL=1` runs the long tests at their full length; otherwise they run a slice. */
export const full = process.env.AFFIANT_FULL === '1'

/** A small generator of numbers in [0, 1) (mulberry32), for what is not a property test. */
export function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

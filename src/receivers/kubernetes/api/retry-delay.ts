/** Milliseconds. */
const first = 500
const last = 30_000

/** How long to wait: twice as long each time, and anything between half of that and all, so that agents spread. */
export function retryDelay(attempt: number, random: () => number): number {
  const limit = Math.min(last, first * 2 ** Math.min(attempt, 20))
  return limit / 2 + (random() * limit) / 2
}

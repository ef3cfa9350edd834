/** How long to wait before the next attempt. There is no last attempt. */

export interface RetryLimits {
  /** Milliseconds. */
  readonly initial: number
  readonly max: number
}

/** A destination that says "come back tomorrow" is asked sooner: a mistyped header must not stop delivery for days. */
const LONGEST_RETRY_AFTER = 3_600_000
/** A random wait may come out as nothing at all; a destination in trouble gets a moment. */
const SHORTEST = 10
/** What `held` begins with: people have to change something, so hurry helps nobody. */
const HELD_INITIAL = 5_000

/**
 * Exponential with full jitter (any wait between nothing and the current limit), so that agents that failed
 * together do not come back together. `retryAfter` (milliseconds) is a lower bound, with up to a tenth on top.
 */
export function laterDelay(
  attempt: number,
  limits: RetryLimits,
  random: () => number,
  retryAfter = 0,
): number {
  const limit = Math.min(limits.max, limits.initial * 2 ** Math.min(attempt, 40))
  const jittered = Math.max(Math.min(SHORTEST, limits.max), random() * limit)
  if (retryAfter <= 0) return jittered
  const asked = Math.min(retryAfter, LONGEST_RETRY_AFTER)
  return Math.max(asked + random() * Math.min(1_000, asked / 10), jittered)
}

/** Slow from the start, and never below half of the current limit. */
export function heldDelay(attempt: number, limits: RetryLimits, random: () => number): number {
  const limit = Math.min(limits.max, Math.max(limits.initial, HELD_INITIAL) * 2 ** Math.min(attempt, 40))
  return limit / 2 + (random() * limit) / 2
}

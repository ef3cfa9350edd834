import { type Clock, systemClock } from '../../../../src/clock.ts'

/** How much faster than the world. Wall clock time stays what it is: files have times of that. */
const haste = 20

/** Waits, holds and grace periods pass twenty times as fast. */
export const hurriedClock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * haste,
  sleep: (ms, signal) => systemClock.sleep(ms / haste, signal),
}

/** How many events of a part, from its first, the destination has after an answer. */
import type { Outcome } from '../sinks/sink.ts'

export function takenOf(outcome: Outcome, count: number): number {
  if (outcome.kind === 'accepted') return Math.min(outcome.taken ?? count, count)
  return Math.min(outcome.taken ?? 0, count - 1)
}

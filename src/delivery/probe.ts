/** Whether a batch that is held is worth another search: one event of it is asked about first. */
import type { Span } from './bisect.ts'
import type { Consignment, SenderOptions } from './consignment.ts'
import { persist } from './persist.ts'

export const countOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { from, to }) => sum + to - from, 0)

/**
 * Before a batch is searched again of which nothing, or less than half, was ever accepted: one event of it, chosen at
 * random, so that a destination that is still wrong is asked once and not a hundred times, and that a batch which begins
 * with bad events is not judged by them for ever. Returns what is left to search, undefined when it is not worth it.
 */
export async function probe(
  consignment: Consignment,
  open: readonly Span[],
  rounds: number,
  options: SenderOptions,
) {
  const { evidence, random, ordered } = options
  const systemic = evidence.wouldBeSystemic(1)
  const count = countOf(open)
  if (count === 1 || (consignment.accepted > 0 && !systemic)) return open
  // One from the middle would overtake: where order is kept it is the first one, and now and then a deeper search.
  const event = nth(open, ordered ? 0 : Math.floor(random() * count))
  const outcome = await persist(consignment, event, options)
  if (outcome.kind === 'accepted') return without(open, event)
  if (outcome.kind === 'stopped') return undefined
  if (ordered && isPowerOfTwo(rounds)) return open
  return !systemic && evidence.acceptedSince(consignment.refusedAt ?? Number.POSITIVE_INFINITY)
    ? open
    : undefined
}

const isPowerOfTwo = (value: number): boolean => (value & (value - 1)) === 0

/** The event at place `at` of all in the spans. */
function nth(spans: readonly Span[], at: number): Span {
  let before = 0
  for (const { from, to } of spans) {
    if (at < before + to - from) return { from: from + at - before, to: from + at - before + 1 }
    before += to - from
  }
  throw new RangeError(`the spans have no event ${at}`)
}

function without(spans: readonly Span[], event: Span): Span[] {
  return spans.flatMap(({ from, to }) => {
    if (event.from < from || event.to > to) return [{ from, to }]
    return [
      { from, to: event.from },
      { from: event.to, to },
    ].filter((part) => part.from < part.to)
  })
}

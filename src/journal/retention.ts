/** Which segments may go. Pure: told what there is, says how many of the oldest go and at what price. */

interface KeptSegment {
  /** First seq of the segment after it. */
  readonly nextSeq: number
  readonly bytes: number
  /** When it was sealed, unix milliseconds. */
  readonly sealed: number
}

export interface RetentionQuestion {
  /** Oldest first, without the one being written. */
  readonly segments: readonly KeptSegment[]
  /** Bytes that must become free for what is to be written next; 0 or less when there is room. */
  readonly shortBy: number
  /** Everything below is settled by every required sink. */
  readonly settled: number
  readonly now: number
  /** Milliseconds. */
  readonly keep: number
  /** Milliseconds after which events go, settled or not. */
  readonly maxAge?: number | undefined
  readonly onFull: 'block' | 'drop_oldest'
}

export interface RetentionAnswer {
  /** How many of the oldest segments go. */
  readonly remove: number
  /** Whether there is room afterwards. */
  readonly room: boolean
}

/**
 * Settled segments go when they are older than `keep`, or sooner when there is no room. Unsettled ones go for room only
 * with `drop_oldest`, and for their age only with `maxAge`; both need `allow_loss`. Always from the oldest on: what is
 * kept is one unbroken range.
 */
export function decideRetention(question: RetentionQuestion): RetentionAnswer {
  const { segments, settled, now, keep, maxAge = Infinity, onFull } = question
  let shortBy = question.shortBy
  let remove = 0
  for (const segment of segments) {
    const isSettled = segment.nextSeq <= settled
    const needed = shortBy > 0
    const age = now - segment.sealed
    const goes = isSettled ? needed || age >= keep : needed && onFull === 'drop_oldest'
    if (!goes && age < maxAge) break
    remove++
    shortBy -= segment.bytes
  }
  return { remove, room: shortBy <= 0 }
}

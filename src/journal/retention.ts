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
  readonly onFull: 'block' | 'drop_oldest'
}

export interface RetentionAnswer {
  /** How many of the oldest segments go. */
  readonly remove: number
  /** Whether there is room afterwards. */
  readonly room: boolean
}

/**
 * Settled segments go when they are older than `keep`, or sooner when there is no room. Unsettled ones go only for
 * room, and only with `drop_oldest`. Always from the oldest on: what is kept is one unbroken range.
 */
export function decideRetention(question: RetentionQuestion): RetentionAnswer {
  const { segments, settled, now, keep, onFull } = question
  let shortBy = question.shortBy
  let remove = 0
  for (const segment of segments) {
    const isSettled = segment.nextSeq <= settled
    const needed = shortBy > 0
    const goes = isSettled ? needed || segment.sealed + keep <= now : needed && onFull === 'drop_oldest'
    if (!goes) break
    remove++
    shortBy -= segment.bytes
  }
  return { remove, room: shortBy <= 0 }
}

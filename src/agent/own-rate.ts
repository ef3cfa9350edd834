/** How often one kind of own event is recorded as it happens. What comes faster is folded: strangers can cause some. */
import type { OwnEventDraft } from './own-events.ts'

/** Recorded one by one, however fast they come. */
const burst = 10
/** Milliseconds after which one more is. */
const every = 10_000

export class OwnRate {
  #left = burst
  #since: number

  /** `now` is `clock.monotonic()`, here and below. */
  constructor(now: number) {
    this.#since = now
  }

  /** Whether one more is recorded now. */
  take(now: number): boolean {
    const earned = Math.floor((now - this.#since) / every)
    this.#left = Math.min(burst, this.#left + earned)
    this.#since = this.#left === burst ? now : this.#since + earned * every
    if (this.#left === 0) return false
    this.#left--
    return true
  }

  /** Milliseconds until one more is earned. */
  wait(now: number): number {
    return Math.max(0, this.#since + every - now)
  }
}

/** Several events as one. What it says is the last of them; counts are added, ranges span all. */
export interface Folded {
  readonly draft: OwnEventDraft
  /** How many there were. */
  readonly times: number
  /** Of the first and of the last, unix milliseconds. */
  readonly from: number
  readonly at: number
}

export function fold(before: Folded | null, draft: OwnEventDraft, at: number): Folded {
  if (before === null) return { draft, times: 1, from: at, at }
  const metadata = { ...draft.metadata }
  const join = (member: string, both: (a: number, b: number) => number) => {
    const a = before.draft.metadata?.[member]
    const b = metadata[member]
    if (typeof a === 'number' && typeof b === 'number') metadata[member] = both(a, b)
  }
  join('count', (a, b) => a + b)
  join('first_seq', Math.min)
  join('last_seq', Math.max)
  return { draft: { ...draft, metadata }, times: before.times + 1, from: before.from, at }
}

/** Says of an event that it stands for several. */
export function unfold({ draft, times, from }: Folded): OwnEventDraft {
  if (times === 1) return draft
  const folded = { times, from: new Date(from).toISOString() }
  return { ...draft, metadata: { ...draft.metadata, folded } }
}

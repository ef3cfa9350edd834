/**
 * One sink's side of the books. Invariant, at any moment: `routed = accepted + deadLettered + missed + unsettled`.
 *
 * Events of this run count as routed when they are committed; those that were in the journal before, when the loop
 * takes them up: nobody knows their number without reading them. `missed` are those that had left the journal
 * (damaged, expired) when the loop came to them.
 *
 * A sink that changes gets a new loop, which begins at the cursor: what the one before had taken up beyond it comes again,
 * and counts once.
 */
import type { Account } from '../delivery/account.ts'

/** What one stream's events came to at one sink, by block: settled as a whole or not at all. */
interface Share {
  readonly stream: string
  /** The seq behind its last event. */
  end: number
  count: number
  /** Of `count`: deliveries beside each event's first. */
  repeats: number
  /** Seqs of those that are kept as dead letters. */
  readonly letters: number[]
}

interface SettledShare {
  readonly stream: string
  readonly accepted: number
  readonly letters: number
}

export interface SinkBooks {
  readonly routed: number
  readonly accepted: number
  readonly deadLettered: number
  readonly missed: number
  readonly unsettled: number
  /** Everything below is settled. */
  readonly settledSeq: number
}

export interface SinkAccountOptions {
  /** The first seq of this run. */
  readonly start: () => number
  /** The seq behind the last event that `routed` was told of. */
  readonly committed: () => number
  /** Events of an earlier run, come to only now: they are routed from here on. */
  readonly found: (stream: string, events: number) => void
  readonly share: (share: SettledShare) => void
}

export class SinkAccount implements Account {
  routed = 0
  acceptedEvents = 0
  deadLettered = 0
  missed = 0
  settledSeq = 0
  #begun = false
  #taken = 0
  /** The seq behind all that was ever taken up. */
  #end = 0
  /**
   * Of a loop before: the oldest of what it had not settled, as far as it has not come again. The cursor may lie within: what
   * is left once the loop is past it was settled before. Its dead letters are those below the cursor.
   */
  #again: Share | undefined
  /** In seq order: what the loop has taken up and not settled yet. */
  readonly #open: Share[] = []
  readonly #options: SinkAccountOptions

  constructor(options: SinkAccountOptions) {
    this.#options = options
  }

  /** A loop begins, and its cursor is at `settled`: what was committed below is no business of this sink. */
  begin(settled: number): void {
    if (this.#begun) this.#goBack(settled)
    else if (settled >= this.#options.committed()) this.routed = 0
    this.#begun = true
    this.settledSeq = Math.max(this.settledSeq, settled)
  }

  get books(): SinkBooks {
    const { routed, acceptedEvents: accepted, deadLettered, missed, settledSeq } = this
    const unsettled = routed - accepted - deadLettered - missed
    return { routed, accepted, deadLettered, missed, unsettled, settledSeq }
  }

  taken(
    {
      stream,
      firstSeq,
      count,
    }: { readonly stream: string; readonly firstSeq: number; readonly count: number },
    selected: number,
  ): void {
    const end = firstSeq + count
    if (this.#again && firstSeq >= this.#again.end) this.#caughtUp(this.#again)
    if (firstSeq >= this.#end && firstSeq < this.#options.start()) {
      this.routed += selected
      this.#options.found(stream, selected)
    }
    this.#end = Math.max(this.#end, end)
    this.#taken += selected
    const again = this.#again
    if (again) again.count -= selected
    // Everything that was committed has been come by: what was routed here and was not found is not there any more.
    if (end === this.#options.committed()) {
      const found = this.#taken + (again ? again.count - again.repeats : 0)
      this.missed = Math.max(this.missed, this.routed - found)
    }
    if (selected === 0) return
    const last = this.#open.at(-1)
    // A loop holds few streams and many small blocks of each.
    if (last?.stream === stream && last.count < mostInShare) {
      last.end = end
      last.count += selected
    } else {
      this.#open.push({ stream, end, count: selected, repeats: 0, letters: [] })
    }
  }

  repeated(stream: string, more: number): void {
    this.routed += more
    this.#taken += more
    if (this.#again) {
      this.#again.count -= more
      this.#again.repeats -= more
    }
    const share = this.#open.findLast((open) => open.stream === stream)
    if (!share) return
    share.count += more
    share.repeats += more
  }

  accepted(events: number): void {
    this.acceptedEvents += events
  }

  lettered(seqs: readonly number[]): void {
    this.deadLettered += seqs.length
    for (const seq of seqs) {
      const share = this.#open.find(({ end }) => seq < end)
      share?.letters.push(seq)
    }
  }

  settled(seq: number): void {
    this.settledSeq = Math.max(this.settledSeq, seq)
    let done = 0
    for (; done < this.#open.length && this.#open[done]!.end <= seq; done++) {
      const { stream, count, letters } = this.#open[done]!
      this.#options.share({ stream, accepted: count - letters.length, letters: letters.length })
    }
    this.#open.splice(0, done)
    if (this.#again && seq >= this.#again.end) this.#caughtUp(this.#again)
  }

  /** What is not settled counts as if it had never been taken up. */
  #goBack(from: number): void {
    const open = this.#open.splice(0)
    this.#taken -= sum(open, ({ count }) => count)
    this.routed -= sum(open, ({ repeats }) => repeats)
    this.deadLettered -= sum(open, ({ letters }) => letters.length)
    this.acceptedEvents = this.#taken - this.deadLettered
    // A loop that did not get past what was to come again has nothing open but parts of that.
    const [first, ...parts] = this.#again ? [this.#again, ...open] : open.slice(0, 1)
    this.#again = first && {
      ...first,
      count: first.count + sum(parts, ({ count }) => count),
      repeats: first.repeats + sum(parts, ({ repeats }) => repeats),
      letters: [first, ...parts].flatMap(({ letters }) => letters).filter((seq) => seq < from),
    }
  }

  #caughtUp({ stream, count, repeats, letters }: Share): void {
    this.#again = undefined
    const accepted = count - letters.length
    this.#taken += count
    this.routed += repeats
    this.deadLettered += letters.length
    this.acceptedEvents += accepted
    this.#options.share({ stream, accepted, letters: letters.length })
  }
}

/** Events: a share settles as a whole, so a stream's counts are at most so far behind what the sink has. */
const mostInShare = 1_000

const sum = (shares: readonly Share[], of: (share: Share) => number): number =>
  shares.reduce((total, share) => total + of(share), 0)

/**
 * One sink's side of the books. Invariant, at any moment: `routed = accepted + deadLettered + missed + unsettled`.
 *
 * Events of this run count as routed when they are committed; those that were in the journal before, when the loop
 * takes them up: nobody knows their number without reading them. `missed` are those that had left the journal
 * (damaged, expired) when the loop came to them.
 */
import type { Account } from '../delivery/account.ts'

/** What one stream's events came to at one sink, by block: settled as a whole or not at all. */
interface Share {
  readonly stream: string
  /** The seq behind its last event. */
  end: number
  count: number
  letters: number
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
  #taken = 0
  /** In seq order: what the loop has taken up and not settled yet. */
  readonly #open: Share[] = []
  readonly #options: SinkAccountOptions

  constructor(options: SinkAccountOptions) {
    this.#options = options
  }

  /** Its cursor is at `settled`: what was committed below is no business of this sink. */
  begin(settled: number): void {
    this.settledSeq = settled
    if (settled >= this.#options.committed()) this.routed = 0
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
    if (firstSeq < this.#options.start()) {
      this.routed += selected
      this.#options.found(stream, selected)
    }
    this.#taken += selected
    // Everything that was committed has been come by: what was routed here and was not found is not there any more.
    if (end === this.#options.committed()) {
      this.missed = Math.max(this.missed, this.routed - this.#taken)
    }
    if (selected === 0) return
    const last = this.#open.at(-1)
    // A loop holds few streams and many small blocks of each.
    if (last?.stream === stream && last.count < mostInShare) {
      last.end = end
      last.count += selected
    } else {
      this.#open.push({ stream, end, count: selected, letters: 0 })
    }
  }

  repeated(stream: string, more: number): void {
    this.routed += more
    this.#taken += more
    const share = this.#open.findLast((open) => open.stream === stream)
    if (share) share.count += more
  }

  accepted(events: number): void {
    this.acceptedEvents += events
  }

  lettered(seqs: readonly number[]): void {
    this.deadLettered += seqs.length
    for (const seq of seqs) {
      const share = this.#open.find(({ end }) => seq < end)
      if (share) share.letters++
    }
  }

  settled(seq: number): void {
    this.settledSeq = Math.max(this.settledSeq, seq)
    let done = 0
    for (; done < this.#open.length && this.#open[done]!.end <= seq; done++) {
      const { stream, count, letters } = this.#open[done]!
      this.#options.share({ stream, accepted: count - letters, letters })
    }
    this.#open.splice(0, done)
  }
}

/** Events: a share settles as a whole, so a stream's counts are at most so far behind what the sink has. */
const mostInShare = 1_000

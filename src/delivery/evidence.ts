/**
 * Is it the data, or the configuration? A destination that answers 400 may have met one bad event, or may answer
 * 400 to everything since somebody changed its schema. The first calls for a dead letter, the second for waiting:
 * a backlog of dead letters helps nobody. What decides is whether the destination takes other events. All times are
 * `clock.monotonic`.
 */

/** How many settled events the ratio remembers, roughly. */
const MEMORY = 1_000
/** Dead letters that are always borne, whatever the ratio. */
const BORNE = 100

export class Evidence {
  /** Events that the destination accepted since the start. */
  acceptedEvents = 0
  /** When the latest of the accepted requests began. */
  #latest = Number.NEGATIVE_INFINITY
  /** Something was accepted since the last dead letter that stood on it. */
  #fresh = false
  #recentAccepted = 0
  #recentRefused = 0

  noteAccepted(events: number, begun: number): void {
    this.#latest = Math.max(this.#latest, begun)
    this.#fresh = true
    this.acceptedEvents += events
    this.#recentAccepted += events
    this.#forget()
  }

  noteLettered(events: number): void {
    this.#recentRefused += events
    this.#forget()
  }

  /** A request that began then, or later, was accepted. One that was on its way already says nothing of what came after. */
  acceptedSince(time: number): boolean {
    return this.#latest >= time
  }

  /** One acceptance stands for one dead letter. Takes it, where there is one. */
  claim(): boolean {
    const fresh = this.#fresh
    this.#fresh = false
    return fresh
  }

  /** With these, more than half of the recent events would be dead letters: then it is not the data. */
  wouldBeSystemic(refusals: number): boolean {
    const refused = this.#recentRefused + refusals
    return refused > BORNE && refused > this.#recentAccepted
  }

  #forget(): void {
    if (this.#recentAccepted + this.#recentRefused <= MEMORY) return
    this.#recentAccepted /= 2
    this.#recentRefused /= 2
  }
}

/**
 * So many refused events of one batch are looked for one by one; more, and it is not the data. While nothing of it
 * was accepted, a few are enough to wonder.
 */
export function refusalLimit(events: number, accepted: number): number {
  return accepted === 0 ? 10 : Math.max(10, Math.floor(events / 5))
}

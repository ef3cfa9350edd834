/**
 * Is it the data, or the configuration? A destination that answers 400 may have met one bad event, or may answer
 * 400 to everything since somebody changed its schema. The first calls for a dead letter, the second for waiting:
 * a backlog of dead letters helps nobody. What decides is whether the destination takes other events.
 */

/** How many settled events the ratio remembers, roughly. */
const MEMORY = 1_000
/** Dead letters that are always borne, whatever the ratio. */
const BORNE = 100

export class Evidence {
  /** Parts that the destination accepted since the start. */
  accepted = 0
  /** Events, the same. */
  acceptedEvents = 0
  #acceptedAtLastLetter = 0
  /** The two partitions that were accepted last. */
  #latest: readonly { readonly partition: string; readonly at: number }[] = []
  #recentAccepted = 0
  #recentRefused = 0

  /** Partitions that the destination does not take while it takes others, and what was accepted at their last letter. */
  readonly #barred = new Map<string, number>()

  /** A partition alone is at fault: its batches need not be tried three times each. */
  bar(partition: string): void {
    this.#barred.set(partition, this.accepted)
  }

  /** It is taken again. True when it was barred. */
  unbar(partition: string): boolean {
    return this.#barred.delete(partition)
  }

  /** Barred, and others have been accepted since its last dead letters. */
  isBarred(partition: string): boolean {
    return this.accepted > (this.#barred.get(partition) ?? Number.POSITIVE_INFINITY)
  }

  /** When another partition was accepted last, `now`'s milliseconds; -Infinity for never. */
  acceptedElsewhere(partition: string): number {
    const latest = this.#latest.find((one) => one.partition !== partition)
    return latest?.at ?? Number.NEGATIVE_INFINITY
  }

  noteAccepted(events: number, partition: string, now: number): void {
    this.#latest = [
      { partition, at: now },
      ...this.#latest.filter((one) => one.partition !== partition),
    ].slice(0, 2)
    this.accepted++
    this.acceptedEvents += events
    this.#recentAccepted += events
    this.#forget()
  }

  noteLettered(events: number): void {
    this.#acceptedAtLastLetter = this.accepted
    this.#recentRefused += events
    this.#forget()
  }

  /** Something was accepted since the last dead letter. */
  get fresh(): boolean {
    return this.accepted > this.#acceptedAtLastLetter
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

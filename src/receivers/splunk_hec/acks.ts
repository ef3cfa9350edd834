/**
 * Acknowledgement ids. A request is answered after its commit, so that each id is true from the start; once somebody was
 * told so, it is forgotten, as Splunk does.
 *
 * Invariants: what is kept is bounded, whatever clients never ask about. An id that had to be forgotten is answered with
 * false: its client sends the events again, and loses none. Ids of a channel that was forgotten begin at 0 again, as after a
 * restart: who asks for an older one may hear of a younger one, which was committed as well.
 */

/** Channels that are known, and ids of all of them that wait for a question. */
export const mostChannels = 10_000
export const mostIds = 200_000

interface Channel {
  next: number
  /** In the order in which they were given out. */
  readonly waiting: Set<number>
}

export class Acks {
  /** The one that was used last comes last. */
  readonly #channels = new Map<string, Channel>()
  #waiting = 0

  /** The id of a request that is committed. */
  next(name: string): number {
    const channel = this.#use(name) ?? { next: 0, waiting: new Set() }
    this.#channels.set(name, channel)
    const id = channel.next++
    channel.waiting.add(id)
    this.#waiting++
    this.#forget()
    return id
  }

  /** Whether each is committed, as far as it is known; those that are will not be known any more. */
  ask(name: string, ids: Iterable<number>): Record<string, boolean> {
    const channel = this.#use(name)
    const answers: Record<string, boolean> = {}
    for (const id of new Set(ids)) {
      const known = channel?.waiting.delete(id) ?? false
      if (known) this.#waiting--
      answers[id] = known
    }
    return answers
  }

  #use(name: string): Channel | undefined {
    const channel = this.#channels.get(name)
    if (channel === undefined) return undefined
    this.#channels.delete(name)
    this.#channels.set(name, channel)
    return channel
  }

  #forget(): void {
    while (this.#channels.size > mostChannels || this.#waiting > mostIds) {
      const [name, channel] = this.#channels.entries().next().value!
      if (this.#channels.size > 1) {
        this.#channels.delete(name)
        this.#waiting -= channel.waiting.size
        continue
      }
      const [oldest] = channel.waiting
      channel.waiting.delete(oldest!)
      this.#waiting--
    }
  }
}

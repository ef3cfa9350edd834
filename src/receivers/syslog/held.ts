/**
 * What all connections of a server hold together of what their senders sent, and the most that they may: at the limit none is
 * read, so that senders wait, until messages are committed.
 *
 * Invariants: the sum goes over the limit by one piece of one connection at most. It does not stay there: where only messages
 * hold it that are not whole, and that nobody may read on, the one that has stood still for longest is given up.
 */

/** What a connection is told. */
export interface Reader {
  pause(): void
  resume(): void
  /** Its message is taken as far as it has come, and the connection ends. */
  giveUp(): void
}

export class Held {
  readonly #limit: number
  readonly #parts = new Set<Part>()
  #sum = 0
  #turn = 0

  /** Bytes. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** For one connection; it works until it says that it waits. */
  part(reader: Reader): Part {
    const part = new Part(this, reader)
    this.#parts.add(part)
    return part
  }

  get isFull(): boolean {
    return this.#sum >= this.#limit
  }

  /** Of parts alone, as what follows. */
  change(bytes: number): void {
    const wasFull = this.isFull
    this.#sum += bytes
    if (wasFull === this.isFull) return
    for (const { isWaiting, reader } of this.#parts) {
      if (!isWaiting) continue
      if (wasFull) reader.resume()
      else reader.pause()
    }
  }

  leave(part: Part): void {
    this.#parts.delete(part)
    this.relieve()
  }

  nextTurn(): number {
    this.#turn += 1
    return this.#turn
  }

  /** Where no part works, none will make room. */
  relieve(): void {
    if (!this.isFull) return
    let oldest: Part | undefined
    for (const part of this.#parts) {
      if (!part.isWaiting) return
      if (part.bytes > 0 && part.turn < (oldest?.turn ?? Number.POSITIVE_INFINITY)) oldest = part
    }
    if (!oldest) return
    oldest.work()
    oldest.reader.giveUp()
  }
}

export class Part {
  readonly reader: Reader
  readonly #held: Held
  #bytes = 0
  #isWaiting = false
  #turn = 0

  constructor(held: Held, reader: Reader) {
    this.#held = held
    this.reader = reader
  }

  /** What it holds. */
  get bytes(): number {
    return this.#bytes
  }

  set bytes(bytes: number) {
    const change = bytes - this.#bytes
    this.#bytes = bytes
    this.#held.change(change)
  }

  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** Whether it would hear of its sender. */
  get isReading(): boolean {
    return this.#isWaiting && !this.#held.isFull
  }

  /** Whose is lowest has had nothing for longest. */
  get turn(): number {
    return this.#turn
  }

  /** It waits for its sender, and is read as soon as there is room. */
  wait(): void {
    this.#isWaiting = true
    if (!this.#held.isFull) this.reader.resume()
    this.#held.relieve()
  }

  /** Something has come, or it ends. */
  work(): void {
    this.#isWaiting = false
    this.#turn = this.#held.nextTurn()
  }

  leave(): void {
    this.#isWaiting = false
    this.bytes = 0
    this.#held.leave(this)
  }
}

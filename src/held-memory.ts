/**
 * Memory with several users at a time, written again once the last of them has let go of it: that of events on their way,
 * which the journal writes and its readers read.
 *
 * Each user has a share of its own: to let go of it twice counts once, and nobody lets go of another's. Who never does
 * leaves the memory to the garbage collector, so that forgetting costs time and nothing else.
 */
export interface Share {
  /** This user is done with it. */
  release(): void
}

export class HeldMemory {
  readonly bytes: Buffer
  readonly #pool: { give(bytes: Buffer): void }
  #shares = 0
  #isGiven = false

  /** Goes back to `pool`, which it was taken from. */
  constructor(bytes: Buffer, pool: { give(bytes: Buffer): void }) {
    this.bytes = bytes
    this.#pool = pool
  }

  /** @throws TypeError after the last share was released: others may be writing into it. */
  hold(): Share {
    if (this.#isGiven) throw new TypeError('memory cannot be held that nobody held any more')
    this.#shares++
    let isMine = true
    return {
      release: () => {
        if (!isMine) return
        isMine = false
        this.#shares--
        if (this.#shares > 0) return
        this.#isGiven = true
        this.#pool.give(this.bytes)
      },
    }
  }
}

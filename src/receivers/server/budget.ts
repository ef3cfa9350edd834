/** Bytes that may be held at a time; over it nobody waits: the client is told to come back. */
import { AffiantError } from '../../errors.ts'
import { BodyMemory } from './body-memory.ts'

/** Of all receivers. */
const memory = new BodyMemory()

export interface Lease {
  take(bytes: number): void
  give(bytes: number): void
  /** What was read as one piece; its memory is used again after `release`. */
  join(chunks: readonly Buffer[], length: number): Buffer
  /** Gives back all that is still taken. */
  release(): void
}

export class Budget {
  private readonly limit: number
  private held = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** One request's share; `take` throws `overloaded` when the budget is spent. */
  lease(): Lease {
    let mine = 0
    const give = (bytes: number) => {
      mine -= bytes
      this.held -= bytes
    }
    const joined: Buffer<ArrayBuffer>[] = []
    return {
      join: (chunks, length) => {
        const whole = memory.join(chunks, length)
        joined.push(whole)
        return whole
      },
      take: (bytes) => {
        if (this.held + bytes > this.limit) {
          throw new AffiantError('overloaded', `the receiver holds ${this.held} bytes of requests already`)
        }
        mine += bytes
        this.held += bytes
      },
      give,
      release: () => {
        give(mine)
        for (const whole of joined.splice(0)) memory.give(whole)
      },
    }
  }
}

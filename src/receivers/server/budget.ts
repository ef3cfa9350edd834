/** Bytes that may be held at a time; over it nobody waits: the client is told to come back. */
import { AffiantError } from '../../errors.ts'

export interface Lease {
  take(bytes: number): void
  give(bytes: number): void
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
    return {
      take: (bytes) => {
        if (this.held + bytes > this.limit) {
          throw new AffiantError('overloaded', `the receiver holds ${this.held} bytes of requests already`)
        }
        mine += bytes
        this.held += bytes
      },
      give,
      release: () => give(mine),
    }
  }
}

/**
 * How long a client waits for the answer to its call: `grpc-timeout`.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import { AffiantError } from '../../errors.ts'

const format = /^(\d{1,8})([HMSmun])$/

/** Milliseconds. */
const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 }

/** In milliseconds; undefined where the client says nothing. Throws `bad_request`. */
export function grpcTimeout(header: string | readonly string[] | undefined): number | undefined {
  if (header === undefined) return undefined
  const [, digits, unit] = (typeof header === 'string' && format.exec(header)) || []
  if (digits === undefined || unit === undefined) {
    throw new AffiantError('bad_request', 'grpc-timeout is no time', {
      hint: 'write one to eight digits and one of H, M, S, m, u, n: 10S',
    })
  }
  return Number(digits) * units[unit]!
}

/**
 * Once something of the call is on its way into the journal, it counts no more: that cannot be taken back, and the rest of the
 * call belongs to it.
 */
export class Deadline {
  readonly #at: number
  readonly #now: () => number
  #hasBegun = false

  /** `timeout` as `grpcTimeout` says it; `now` in milliseconds that only go forward. */
  constructor(timeout: number | undefined, now: () => number) {
    this.#at = timeout === undefined ? Number.POSITIVE_INFINITY : now() + timeout
    this.#now = now
  }

  /** Milliseconds; none where it has passed. */
  get left(): number {
    return Math.max(0, this.#at - this.#now())
  }

  /** Throws `deadline_exceeded` where it has passed. */
  check(): void {
    if (this.left === 0) throw exceeded()
  }

  /** Before anything of the call is committed; throws as `check`, the first time. */
  begin(): void {
    if (this.#hasBegun) return
    this.check()
    this.#hasBegun = true
  }
}

export const exceeded = () =>
  new AffiantError('deadline_exceeded', 'the time of the call was over before its records were taken in', {
    hint: 'send it again, with a longer timeout if this goes on',
  })

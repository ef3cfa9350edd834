/**
 * Whether an endpoint is worth asking. A dead one is left alone (open) for a while that doubles, then one request tries
 * it (half_open): success closes the circuit, another fault opens it for longer.
 */

/** So many faults in a row open it. */
const FAULTS = 5
/** How long it stays open first. Milliseconds. */
const FIRST = 1_000

export type CircuitState = 'closed' | 'open' | 'half_open'

export class Circuit {
  lastError: string | undefined
  #faults = 0
  #opened = 0
  /** While open: when it may be tried, `now`'s milliseconds. */
  #until = 0
  #trying = false
  readonly #now: () => number
  readonly #longest: number

  /** `now`: monotonic milliseconds. `longest`: how long it stays open at most, milliseconds. */
  constructor(now: () => number, longest: number) {
    this.#now = now
    this.#longest = longest
  }

  get state(): CircuitState {
    if (this.#opened === 0) return 'closed'
    return this.#trying || this.#now() >= this.#until ? 'half_open' : 'open'
  }

  /** Whether a request may go now. In `half_open` only one at a time may. */
  get admits(): boolean {
    return this.#opened === 0 || (!this.#trying && this.#now() >= this.#until)
  }

  /** Milliseconds until it is worth asking again; 0 = now. */
  get wait(): number {
    return this.#opened === 0 ? 0 : Math.max(0, this.#until - this.#now())
  }

  /** A request goes. */
  begin(): void {
    if (this.#opened > 0) this.#trying = true
  }

  /** It was answered, whatever the answer says of the events. */
  succeed(): void {
    this.#faults = 0
    this.#opened = 0
    this.#trying = false
  }

  /** No answer, or one that says the endpoint itself is in trouble. */
  fail(reason: string): void {
    this.lastError = reason
    this.#trying = false
    this.#faults++
    if (this.#faults < FAULTS) return
    this.#until = this.#now() + Math.min(this.#longest, FIRST * 2 ** Math.min(this.#opened, 10))
    this.#opened++
  }

  /** The request ended without a word about the endpoint: the agent stops. */
  abandon(): void {
    this.#trying = false
  }
}

/**
 * Who may be under way: as many batches as the destination bears; and while they are held, one that may show that the fault
 * is with them.
 */
import type { Outcome } from '../sinks/sink.ts'
import { AdaptiveConcurrency, type ConcurrencyLimits } from './concurrency.ts'
import type { Condition } from './condition.ts'
import type { OpenBatch } from './open-batch.ts'

export class Slots {
  readonly #concurrency: AdaptiveConcurrency
  readonly #condition: Pick<Condition, 'heldCount' | 'doubtCount'>
  /** Tasks, and the partitions of their batches. */
  readonly #inFlight = new Map<Promise<void>, string>()

  constructor(limits: ConcurrencyLimits, condition: Pick<Condition, 'heldCount' | 'doubtCount'>) {
    this.#concurrency = new AdaptiveConcurrency(limits)
    this.#condition = condition
  }

  get limit(): number {
    return this.#concurrency.limit
  }

  get taken(): number {
    return this.#inFlight.size
  }

  /** `next`: what would go. */
  admit(next: Pick<OpenBatch, 'partition'> | undefined): boolean {
    const { limit, max } = this.#concurrency
    const { size } = this.#inFlight
    if (size < limit) return true
    // When all that is under way is held, one more is let through: if the destination takes it, the fault is with
    // what is held, not with the configuration.
    const { heldCount, doubtCount } = this.#condition
    if (size > max || heldCount < size) return false
    // Where order is kept, nothing overtakes what will be taken once a configuration is right; a few events that are in
    // doubt themselves may be passed, and so may other partitions.
    return max > 1 || doubtCount === size || (next !== undefined && !this.#isUnderWay(next.partition))
  }

  /** All that may be under way is held. `next`: what would go. */
  areStuck(next: Pick<OpenBatch, 'partition'> | undefined): boolean {
    return !this.admit(next) && this.#condition.heldCount >= this.#inFlight.size
  }

  take(task: Promise<void>, partition: string): void {
    this.#inFlight.set(task, partition)
  }

  release(task: Promise<void>): void {
    this.#inFlight.delete(task)
  }

  /** An attempt has ended. `begun`, `ended`: `clock.monotonic`. */
  attempted(outcome: Outcome, begun: number, ended: number): void {
    this.#concurrency.note(outcome, begun, ended, this.#inFlight.size >= this.#concurrency.limit)
  }

  /** Resolves once all that is under way now has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#inFlight.keys())
  }

  #isUnderWay(partition: string): boolean {
    return this.#inFlight.values().some((one) => one === partition)
  }
}

/**
 * What is kept of one sink's plans: those that a restart could still come by, with what the destination has of each.
 * Plans below the cursor on disk are left out, and ended ones merged, so that it stays small however long an old batch
 * waits.
 */
import { joined, type Span } from './bisect.ts'
import {
  encodeEnd,
  encodeLine,
  mergeRecords,
  type PlanRecord,
  type Seqs,
  seqsOf,
  spansOf,
} from './plan-record.ts'

/** So many ended plans are worth merging. */
const MERGED = 100
const HEADER = encodeLine({ plans: 1 })

export interface KeptPlan {
  readonly record: PlanRecord
  done: boolean
  /** Seqs that the destination has of it. */
  taken: readonly Span[]
}

export class KeptPlans {
  /** The cursor as it is on disk: what lies below is settled for good. */
  readonly #durable: () => number
  readonly #kept = new Map<number, KeptPlan>()

  constructor(durable: () => number) {
    this.#durable = durable
  }

  ids(): Iterable<number> {
    return this.#kept.keys()
  }

  plans(): Iterable<KeptPlan> {
    return this.#kept.values()
  }

  has(id: number): boolean {
    return this.#kept.has(id)
  }

  /** Fixed, and not over. */
  isOpen(id: number): boolean {
    return this.#kept.get(id)?.done === false
  }

  add(record: PlanRecord, done = false): void {
    this.#kept.set(record.plan, { record, done, taken: [] })
  }

  delete(id: number): void {
    this.#kept.delete(id)
  }

  /** The destination has these of its events. */
  take(id: number, more: Seqs): void {
    const kept = this.#kept.get(id)
    if (kept !== undefined) kept.taken = joined([...kept.taken, ...spansOf(more)])
  }

  /** The plan, if this is its end; undefined where it is over already, or not known. */
  end(id: number): PlanRecord | undefined {
    const kept = this.#kept.get(id)
    if (kept === undefined || kept.done) return undefined
    kept.done = true
    return kept.record
  }

  /** What the cursor on disk has passed is settled for good; of the rest, only which events have gone is of use. */
  forget(): void {
    const durable = this.#durable()
    for (const [id, { record }] of this.#kept) if (record.last < durable) this.#kept.delete(id)
    const done = [...this.#kept.values()].filter((kept) => kept.done).map(({ record }) => record)
    if (done.length < MERGED) return
    for (const { plan } of done) this.#kept.delete(plan)
    for (const record of mergeRecords(done)) this.add(record, true)
  }

  /** All of it as a log. */
  lines(): string[] {
    const lines = [HEADER]
    for (const [id, { record, done, taken }] of this.#kept) {
      // Twice, what has no body: one line may be lost.
      if (done) lines.push(encodeEnd(record), encodeEnd(record))
      else lines.push(encodeLine(record))
      if (!done && taken.length > 0) lines.push(encodeLine({ taken: id, ...seqsOf(taken) }))
    }
    return lines
  }
}

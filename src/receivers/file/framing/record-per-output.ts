/** What the rules share that know one record in the making for each output. */
import type { Emit, Output, Quiet } from './joiner.ts'
import type { PendingRecord } from './pending-record.ts'

interface InTheMaking {
  readonly record: PendingRecord
  /** Monotonic milliseconds. */
  touched: number
}

export class RecordPerOutput {
  protected readonly emit: Emit
  readonly #records = new Map<Output, InTheMaking>()

  constructor(emit: Emit) {
    this.emit = emit
  }

  get isEmpty(): boolean {
    return this.#records.size === 0
  }

  get held(): number {
    let held = 0
    for (const { record } of this.#records.values()) held += record.held
    return held
  }

  get pending(): readonly PendingRecord[] {
    return this.#inOrder().map(([, { record }]) => record)
  }

  pass(): void {}

  isDue(quiet: Quiet): boolean {
    for (const [output, { touched }] of this.#records) if (quiet(output, touched)) return true
    return false
  }

  quiet(quiet: Quiet): void {
    for (const [output, { touched }] of this.#inOrder()) if (quiet(output, touched)) this.complete(output)
  }

  complete(output?: Output): void {
    const outputs = output === undefined ? this.#inOrder().map(([one]) => one) : [output]
    for (const one of outputs) {
      const found = this.#records.get(one)
      if (found === undefined) continue
      this.forget(one)
      this.emit(found.record)
    }
  }

  cutOldest(): { readonly record: PendingRecord; readonly isWhole: boolean } | undefined {
    const [oldest] = this.#inOrder()
    if (oldest === undefined) return undefined
    this.forget(oldest[0])
    return { record: oldest[1].record, isWhole: false }
  }

  /** The one in the making. */
  protected recordOf(output: Output): PendingRecord | undefined {
    return this.#records.get(output)?.record
  }

  /** `record` has got its next line, or begins. */
  protected keep(output: Output, record: PendingRecord, now: number): PendingRecord {
    this.#records.set(output, { record, touched: now })
    return record
  }

  protected forget(output: Output): void {
    this.#records.delete(output)
  }

  #inOrder(): [Output, InTheMaking][] {
    return [...this.#records].toSorted(([, a], [, b]) => a.record.offset - b.record.offset)
  }
}

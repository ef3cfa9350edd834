/** The draft of a record's event: what the mapping says of it, and what stood around it. */
import type { Redactor } from '../attribution/redact/redactor.ts'
import { compileCondition } from '../cel/condition.ts'
import type { FreeForm } from './compile/free-form.ts'
import type { EventDraft, MappingState } from './compile/state.ts'
import type { NormaliserSpec } from './contract.ts'
import type { Mapping } from './mapping/mapping.ts'
import { noWarnings, type Origin } from './origin.ts'
import { sortedMembers } from './sorted-members.ts'
import { createUnlikeCheck } from './unlike.ts'

export type Value = Readonly<Record<string, unknown>>

interface Parts {
  readonly spec: NormaliserSpec
  readonly mapping: Mapping
  readonly state: MappingState
  readonly free: FreeForm
  readonly redactor: Redactor
  readonly map: (record: Value) => EventDraft
}

/** Where a record was found. */
export interface Around {
  readonly origin: Origin
  /** The line or message, decoded. */
  readonly whole: unknown
  /** What stood beside it, and is kept with it. */
  readonly envelope: Value | undefined
}

export class RecordMapper {
  /** Whether lines like the last one have events like its. */
  isLearnable = true
  readonly #parts: Parts
  readonly #select: ((given: { readonly record: Value }) => boolean) | undefined
  readonly #unlike: ReturnType<typeof createUnlikeCheck>

  /** @throws CelError for a condition that is wrong */
  constructor(parts: Parts) {
    this.#parts = parts
    const { spec, mapping } = parts
    this.#select = spec.select === undefined ? undefined : compileCondition(spec.select, { record: true })
    this.#unlike = createUnlikeCheck(spec, mapping)
  }

  /** Undefined for a record that `select` does not take. */
  map(record: Value, { origin, whole, envelope }: Around): EventDraft | undefined {
    const { redactor, free, map } = this.#parts
    this.isLearnable = true
    if (this.#select !== undefined && !this.#select({ record })) return undefined
    const event = map(redactor.record(record))
    if (this.#unlike !== undefined && event.action === 'unknown') this.#lookAgain(record, origin, whole)
    if (envelope !== undefined) {
      event.metadata = sortedMembers({
        envelope: free.value(redactor.record(envelope), 'metadata.envelope'),
        ...event.metadata,
      })
    }
    return event
  }

  /** At a record of which the mapping made nothing. */
  #lookAgain(record: Value, origin: Origin, whole: unknown): void {
    const check = this.#unlike!
    if (check.isSure(whole, record)) return
    this.isLearnable = false
    const { state } = this.#parts
    const warning = check.warning(() => Buffer.from(origin.raw()).toString(), whole, record)
    if (warning !== undefined) state.warnings = [...(state.warnings ?? noWarnings), warning]
  }
}

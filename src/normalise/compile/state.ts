/** What one record's mapping needs and leaves behind, beside the event: made once per normaliser, reset per record. */
import { Notes } from '../../attribution/redact/notes.ts'
import type { AuditEvent } from '../../event/audit-event.ts'
import type { Segment } from '../mapping/path.ts'
import type { RestNode } from './rest-node.ts'

/**
 * An event in the making: all members in canonical order, absent ones undefined. `JSON.stringify` leaves those
 * out, so what it writes is canonical as long as nothing free-form is `unsafe`.
 */
export type EventDraft = { -readonly [K in keyof AuditEvent]: AuditEvent[K] | undefined }

/** One answer of `explain`. */
export interface Explained {
  readonly source: string
  readonly target: string
  readonly value: unknown
}

export interface MappingState {
  /** Unix milliseconds, and the same as a time. */
  observed: number
  observedTime: string
  /** An event that says a later time is told of. */
  latestTime: string
  provenance: AuditEvent['provenance'] | undefined
  warnings: string[] | undefined
  /** What was taken out of it. */
  readonly notes: Notes
  /** Set when plain `JSON.stringify` would not be canonical for this event. */
  unsafe: boolean
  /** Computed paths whose values were taken. */
  computed: (readonly Segment[])[] | undefined
  /** What is left of arrays and objects that `each` went over; undefined where that is nothing. */
  leftovers: Map<RestNode, unknown> | undefined
  explained: Explained[] | undefined
}

export function createState(): MappingState {
  return {
    observed: 0,
    observedTime: '',
    latestTime: '',
    provenance: undefined,
    warnings: undefined,
    notes: new Notes(),
    unsafe: false,
    computed: undefined,
    leftovers: undefined,
    explained: undefined,
  }
}

export function resetState(state: MappingState): void {
  state.warnings = undefined
  state.unsafe = false
  state.computed = undefined
  state.leftovers = undefined
}

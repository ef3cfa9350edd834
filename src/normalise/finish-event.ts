/** What is known of an event only after its mapping, in the order that it takes: each step looks at the ones before. */
import type { Redactor } from '../attribution/redact/redactor.ts'
import { producerId } from '../event/id.ts'
import type { Attribute } from './attribute.ts'
import { aheadOfReading } from './clock-skew.ts'
import type { EventDraft, MappingState } from './compile/state.ts'
import { addContainerFacts } from './container-facts.ts'
import type { NormaliserSpec } from './contract.ts'
import { noWarnings, type Origin } from './origin.ts'
import { decodedText } from './raw-kept.ts'
import { type RawRecord, rawRecord } from './raw-record.ts'

/** Of a record in its line or message. */
export interface Place {
  /** Set for one of several. */
  readonly index: number | undefined
  /** Of all that are in it, it keeps what they share. */
  readonly isFirst: boolean
}

interface Parts {
  readonly spec: NormaliserSpec
  readonly state: MappingState
  readonly redactor: Redactor
  readonly attribute: Attribute
  /** By time: for an event that has no other id. Takes unix milliseconds. */
  readonly nextId: (observed: number) => string
}

/** Returns the record as the event keeps it. */
export type FinishEvent = (event: EventDraft, origin: Origin, place: Place) => RawRecord | undefined

const ok = Object.freeze({ parse: 'ok' as const })

export function createFinishEvent({ spec, state, redactor, attribute, nextId }: Parts): FinishEvent {
  /** Of a preset that knows its producer's ids, else by time. */
  function ownId(event: EventDraft): string {
    if (event.source_event_id === undefined) return nextId(state.observed)
    const product = event.producer?.product ?? spec.receiver
    return producerId(product, event.source_event_id)
  }

  function warn(warning: string): void {
    state.warnings = [...(state.warnings ?? noWarnings), warning]
  }

  function qualityOf(event: EventDraft, failed: boolean, origin: Origin): EventDraft['quality'] {
    if (failed) {
      if (origin.warnings.length === 0) return event.quality
      return { parse: 'failed', warnings: [...(event.quality?.warnings ?? []), ...origin.warnings] }
    }
    if (origin.warnings.length > 0) state.warnings = [...origin.warnings, ...(state.warnings ?? [])]
    const { warnings } = state
    const parse = origin.partial ? 'partial' : 'ok'
    if (warnings !== undefined) return { parse, warnings }
    return origin.partial ? { parse } : ok
  }

  /** Of a line that holds several records the first one keeps it. */
  function rawOf(unsure: boolean, origin: Origin, isFirst: boolean): RawRecord | undefined {
    if (spec.raw === 'none' && !unsure) return undefined
    if (!isFirst && !unsure) return undefined
    return rawRecord(origin.raw(), unsure || spec.raw === 'full' ? 'full' : 'hash')
  }

  return (event, origin, { index, isFirst }) => {
    const failed = event.quality !== undefined
    event.id = origin.id(index ?? 0, event) ?? ownId(event)
    if (origin.time !== undefined && event.time_source === 'observed') {
      event.time = origin.time
      event.time_source = 'event'
    }
    if (origin.verified) event.integrity = { ...event.integrity, verified: true }
    if (origin.container !== undefined) {
      const warning = addContainerFacts(event, origin.container)
      if (warning !== undefined) warn(warning)
    }
    if (event.time_source !== 'observed' && event.time !== undefined && event.time > state.latestTime)
      warn(aheadOfReading)
    event.quality = qualityOf(event, failed, origin)
    redactor.event(event, attribute(event, origin.stream))
    const unsure = failed || origin.partial === true
    const raw = rawOf(unsure, origin, isFirst)
    if (unsure && raw?.data !== undefined) redactor.noteText(event, raw.data, decodedText, failed)
    event.raw = raw?.member
    return raw
  }
}

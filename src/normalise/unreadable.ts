/** The event of a record that no mapping could read: kept, marked, never dropped. */
import { schemaName } from '../event/vocabulary.ts'
import type { EventDraft, MappingState } from './compile/state.ts'

/** Members in canonical order, as the generated code has them. */
export function unreadableEvent(state: MappingState, product: string, reason: string): EventDraft {
  return {
    action: 'unknown',
    actor: { type: 'unknown' },
    attribution: undefined,
    category: 'other',
    changes: undefined,
    credential: undefined,
    delegation: undefined,
    id: undefined,
    integrity: undefined,
    message: undefined,
    metadata: undefined,
    observed_time: state.observedTime,
    operation: 'other',
    original_time: undefined,
    outcome: { result: 'unknown' },
    producer: { product },
    provenance: state.provenance,
    quality: { parse: 'failed', warnings: [reason] },
    raw: undefined,
    redactions: undefined,
    request: undefined,
    schema: schemaName,
    scope: [],
    session: undefined,
    severity: undefined,
    source: undefined,
    source_event_id: undefined,
    targets: undefined,
    time: state.observedTime,
    time_source: 'observed',
    unmapped: undefined,
  }
}

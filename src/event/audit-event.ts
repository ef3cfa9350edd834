/**
 * `audit-event/1`: the one schema. `auditEvent` is what is hashed and stored; `outputEvent` is what leaves, with
 * `raw_data` and `log` spliced in behind the canonical members. Nothing is validated with these per event:
 * they are the types of the code, the published JSON Schema, and the oracle of the tests.
 */
import { z } from 'zod'
import { lazily } from '../lazily.ts'
import {
  actor,
  attribution,
  change,
  credential,
  delegate,
  freeForm,
  integrity,
  log,
  outcome,
  producer,
  provenance,
  quality,
  raw,
  redaction,
  request,
  scopeLevel,
  session,
  source,
  target,
  time,
  uuid,
} from './members.ts'
import { categories, operations, schemaName, timeSources } from './vocabulary.ts'

const text = () => z.string().min(1)

/** The canonical event: members in UTF-16 order. */
export const auditEvent = lazily(() =>
  z.strictObject({
    action: text().describe('The native verb, namespaced: invoice.approve, k8s:create:pods/exec'),
    actor: actor(),
    attribution: attribution(),
    category: z.enum(categories),
    changes: z.array(change()).min(1).exactOptional(),
    credential: credential().exactOptional(),
    delegation: z.array(delegate()).min(1).exactOptional().describe('The hops after the actor, in order'),
    id: uuid().describe('Same record, same id; see docs/event-schema.md'),
    integrity: integrity().exactOptional(),
    message: text().exactOptional().describe('Human text'),
    metadata: freeForm('Free-form: bounded further data').exactOptional(),
    observed_time: time().describe('When the agent read it'),
    operation: z.enum(operations).describe('The normalised verb'),
    original_time: text().exactOptional().describe('Verbatim, where it was not RFC 3339 already'),
    outcome: outcome(),
    producer: producer(),
    provenance: provenance(),
    quality: quality(),
    raw: raw().exactOptional(),
    redactions: z.array(redaction()).min(1).exactOptional().describe('What was taken out'),
    request: request().exactOptional(),
    schema: z.literal(schemaName),
    scope: z
      .array(scopeLevel())
      .describe('Who owns the record, root first: organisation, account, project …'),
    session: session().exactOptional(),
    severity: z.int().min(1).max(24).exactOptional().describe("OpenTelemetry's severity numbers"),
    source: source().exactOptional(),
    source_event_id: text().exactOptional().describe("The producer's own id"),
    targets: z.array(target()).min(1).exactOptional().describe('What was acted on'),
    time: time().describe('When it happened; observed_time where the record does not say'),
    time_source: z.enum(timeSources).describe('Where time came from'),
    unmapped: freeForm('Free-form: source fields that no rule consumed').exactOptional(),
  }),
)

/** An event as it leaves: one line of output. Only what `affiant normalize` prints has no `log`: no journal holds it. */
export const outputEvent = lazily(() =>
  auditEvent().extend({
    raw_data: z.string().exactOptional().describe('The record as it came; erasable without breaking a proof'),
    log: log().exactOptional(),
  }),
)

export type AuditEvent = z.infer<ReturnType<typeof auditEvent>>
/** What sinks send: it comes out of a journal. */
export type OutputEvent = z.infer<ReturnType<typeof outputEvent>> & {
  readonly log: z.infer<ReturnType<typeof log>>
}

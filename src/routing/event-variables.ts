/** The variables of a condition on events: the members of `audit-event/1`. */

/**
 * Named here and not taken from the schema, so that a worker thread need not load the schema library to decide
 * routes. What lies below each is checked once, with the configuration; see event-fields.ts.
 */
export const eventVariables = {
  action: true,
  actor: true,
  attribution: true,
  category: true,
  changes: true,
  credential: true,
  delegation: true,
  id: true,
  integrity: true,
  message: true,
  metadata: true,
  observed_time: true,
  operation: true,
  original_time: true,
  outcome: true,
  producer: true,
  provenance: true,
  quality: true,
  raw: true,
  redactions: true,
  request: true,
  schema: true,
  scope: true,
  session: true,
  severity: true,
  source: true,
  source_event_id: true,
  targets: true,
  time: true,
  time_source: true,
  unmapped: true,
} as const

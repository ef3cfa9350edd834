/**
 * Which members of an event are columns, for queries that should not have to parse every line. Rows of all files have the
 * same columns, whatever is in them, so that a folder of files is one table. As with members of the schema, columns may
 * be added; none is renamed, removed or given another type.
 */

/** What a column holds; schema.ts has what that is in Parquet, values.ts what of an event fits. */
export type ColumnType = 'text' | 'json' | 'time' | 'int32' | 'int64' | 'boolean'

export interface Column {
  /** The member's path with `_` for its dots. */
  readonly name: string
  readonly type: ColumnType
  /** Where its value is in the output line. */
  readonly member: string
  readonly meaning: string
  /** Known without the event, and so never null. */
  readonly always: boolean
}

const column = (name: string, type: ColumnType, member: string, meaning: string, always = false): Column => ({
  name,
  type,
  member,
  meaning,
  always,
})

export const columns: readonly Column[] = [
  column('seq', 'int64', 'log.seq', 'position in the log `origin`', true),
  column('origin', 'text', 'log.origin', 'the log: `affiant/<agent>/<epoch>`', true),
  column('id', 'text', 'id', 'UUID of the event'),
  column('time', 'time', 'time', 'when it happened'),
  column('observed_time', 'time', 'observed_time', 'when the agent read it'),
  column('action', 'text', 'action', 'the native verb'),
  column('operation', 'text', 'operation', 'the normalised verb'),
  column('category', 'text', 'category', '`authentication`, `data`, `iam` …'),
  column('outcome_result', 'text', 'outcome.result', '`success`, `failure`, `denied` …'),
  column('outcome_reason', 'text', 'outcome.reason', 'why'),
  column('severity', 'int32', 'severity', '1 to 24, as of OpenTelemetry'),
  column('actor_type', 'text', 'actor.type', '`user`, `service`, `agent` …'),
  column('actor_id', 'text', 'actor.id', 'the originating principal'),
  column('actor_name', 'text', 'actor.name', 'its name'),
  column('actor_email', 'text', 'actor.email', 'its address'),
  column('delegation', 'json', 'delegation', 'the hops after the actor'),
  column('credential_id', 'text', 'credential.id', 'what the caller proved itself with'),
  column('session_id', 'text', 'session.id', 'in which session'),
  column('target_type', 'text', 'targets[0].type', 'type of the first target'),
  column('target_id', 'text', 'targets[0].id', 'id of the first target'),
  column('targets', 'json', 'targets', 'all targets'),
  column('scope', 'json', 'scope', 'who owns the record, root first'),
  column('source_ip', 'text', 'source.ip', 'where the call came from'),
  column('request_id', 'text', 'request.id', 'which request'),
  column('producer_product', 'text', 'producer.product', 'the system that made the record'),
  column('producer_service', 'text', 'producer.service', 'its service'),
  column('provenance_receiver', 'text', 'provenance.receiver', 'which receiver took it in'),
  column('attribution_complete', 'boolean', 'attribution.complete', 'whether nothing required is absent'),
  column('quality_parse', 'text', 'quality.parse', '`ok`, `partial` or `failed`'),
  column('event', 'text', '', 'the output line, byte for byte', true),
]

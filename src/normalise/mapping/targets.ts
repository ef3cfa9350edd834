/** What a mapping may fill: the members of `audit-event/1` that come from a record, and what each takes. */
import { actorTypes, categories, mechanisms, operations, outcomeResults } from '../../event/vocabulary.ts'

export type TargetType =
  | { readonly kind: 'text' | 'texts' | 'boolean' | 'time' | 'any' | 'number' | 'address' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'enum'; readonly values: readonly string[]; readonly fallback: string }

const text: TargetType = { kind: 'text' }
const texts: TargetType = { kind: 'texts' }
const boolean: TargetType = { kind: 'boolean' }
const number: TargetType = { kind: 'number' }
const time: TargetType = { kind: 'time' }
const any: TargetType = { kind: 'any' }
const address: TargetType = { kind: 'address' }
const integer = (min: number, max: number): TargetType => ({ kind: 'integer', min, max })
const oneOf = (values: readonly string[], fallback: string): TargetType => ({
  kind: 'enum',
  values,
  fallback,
})

/** Members of the event itself, and of its objects, by dotted path. */
export const memberTypes: Readonly<Record<string, TargetType>> = {
  action: text,
  'actor.alt_ids': texts,
  'actor.email': text,
  'actor.groups': texts,
  'actor.id': text,
  'actor.name': text,
  'actor.roles': texts,
  'actor.tenant': text,
  'actor.type': oneOf(actorTypes, 'unknown'),
  category: oneOf(categories, 'other'),
  'credential.id': text,
  'credential.issuer': text,
  'credential.mfa': boolean,
  'credential.scopes': texts,
  'credential.type': text,
  'integrity.algorithm': text,
  'integrity.canonicalization': text,
  'integrity.certificate': text,
  'integrity.sequence.end': boolean,
  'integrity.sequence.number': integer(0, Number.MAX_SAFE_INTEGER),
  'integrity.sequence.previous_hash': text,
  'integrity.sequence.previous_record_id': text,
  'integrity.sequence.stream_id': text,
  'integrity.signer': text,
  'integrity.value': text,
  message: text,
  operation: oneOf(operations, 'other'),
  'outcome.code': text,
  'outcome.reason': text,
  'outcome.result': oneOf(outcomeResults, 'unknown'),
  'producer.host': text,
  'producer.product': text,
  'producer.region': text,
  'producer.service': text,
  'producer.vendor': text,
  'producer.version': text,
  'request.correlation_id': text,
  'request.id': text,
  'request.method': text,
  'request.path': text,
  'request.span_id': text,
  'request.trace_id': text,
  'session.created_time': time,
  'session.id': text,
  'session.issuer': text,
  'session.root_id': text,
  severity: integer(1, 24),
  'source.application': text,
  'source.asn': integer(0, 4_294_967_295),
  'source.device_id': text,
  'source.geo.city': text,
  'source.geo.continent': text,
  'source.geo.country': text,
  'source.geo.latitude': number,
  'source.geo.longitude': number,
  'source.geo.postal_code': text,
  'source.geo.region': text,
  'source.hostname': text,
  'source.ip': address,
  'source.ip_chain': texts,
  'source.port': integer(0, 65_535),
  'source.user_agent': text,
  source_event_id: text,
  time,
}

/** A member whose value is a list of objects. */
export interface ListType {
  readonly members: Readonly<Record<string, TargetType>>
  /** An element is left out unless one of these has a value. */
  readonly needs: readonly string[]
  /** Members that are lists themselves. */
  readonly lists?: Readonly<Record<string, ListType>>
  /** Members whose value is an object of free names. */
  readonly free?: readonly string[]
}

const scope: ListType = { members: { id: text, name: text, type: text }, needs: ['id', 'name'] }

export const listTypes: Readonly<Record<string, ListType>> = {
  changes: { members: { new: any, old: any, path: text, target: text }, needs: ['new', 'old', 'path'] },
  delegation: {
    members: {
      credential_id: text,
      id: text,
      mechanism: oneOf(mechanisms, 'other'),
      name: text,
      session_id: text,
      tenant: text,
      type: oneOf(actorTypes, 'unknown'),
    },
    needs: ['id', 'name'],
  },
  scope,
  targets: {
    members: { id: text, name: text, type: text },
    needs: ['id', 'name'],
    lists: { scope },
    free: ['attributes'],
  },
}

/** What `metadata.<name>` takes. */
export const freeType: TargetType = any

/** The name of a free member in `metadata.<name>`, or undefined. */
export function metadataName(target: string): string | undefined {
  return target.startsWith('metadata.') && target.length > 9 ? target.slice(9) : undefined
}

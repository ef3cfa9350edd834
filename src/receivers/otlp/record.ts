/**
 * A decoded LogRecord, whichever encoding it came in: the vocabulary of the `otlp` preset. Members that the
 * sender left unset are absent.
 * https://opentelemetry.io/docs/specs/otel/logs/data-model/
 */
import { isUuid } from '../../event/id.ts'
import type { DecodedRecord } from '../../event/record.ts'
import { shown, type Warnings } from './warnings.ts'

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }

/** Flat: `service.name` is one key. */
export type Attributes = { [key: string]: JsonValue }

/** Which of the resource's attributes say what it is. */
export interface EntityRef {
  schema_url?: string
  type?: string
  id_keys?: string[]
  description_keys?: string[]
}

export interface ResourceValue {
  readonly attributes: Attributes
  readonly dropped_attributes_count?: number
  readonly schema_url?: string
  readonly entity_refs?: readonly EntityRef[]
}

export interface ScopeValue {
  name?: string
  version?: string
  attributes?: Attributes
  dropped_attributes_count?: number
  schema_url?: string
}

export interface LogRecordValue {
  /** Unix nanoseconds, decimal. */
  timestamp?: string
  observed_timestamp?: string
  severity_number?: number
  severity_text?: string
  event_name?: string
  body?: JsonValue
  attributes: Attributes
  dropped_attributes_count?: number
  /** 32 and 16 lower-case hex digits. */
  trace_id?: string
  span_id?: string
  flags?: number
}

/** The record as the normaliser takes it, with the producer's id and what was odd about it. */
export function finishRecord(
  log: LogRecordValue,
  resource: ResourceValue,
  scope: ScopeValue,
  warnings: Warnings,
): DecodedRecord {
  const value = { ...log, ...besideLog(resource, scope) }
  const id = producerId(log.attributes, resource.attributes)
  const texts = warnings.list()
  return { value, ...(id && { id }), ...(texts && { warnings: texts }) }
}

/** What a record's value has beside what the LogRecord says. */
export function besideLog(resource: ResourceValue, scope: ScopeValue): Readonly<Record<string, unknown>> {
  const value: Record<string, unknown> = { resource: resource.attributes }
  // One that was not sent, or says nothing, is absent.
  if (Object.keys(scope).length > 0) value.scope = scope
  if (resource.dropped_attributes_count) {
    value.resource_dropped_attributes_count = resource.dropped_attributes_count
  }
  if (resource.schema_url) value.resource_schema_url = resource.schema_url
  if (resource.entity_refs?.length) value.resource_entity_refs = resource.entity_refs
  return value
}

/**
 * `audit.record.id` is a UUID by the draft of the audit signal, `log.record.uid` any string that is unique for
 * its producer (semantic conventions, general log attributes).
 */
function producerId(attributes: Attributes, resource: Attributes): DecodedRecord['id'] {
  const uuid = attributes['audit.record.id']
  if (typeof uuid === 'string' && isUuid(uuid)) return { uuid: uuid.toLowerCase() }
  const uid = attributes['log.record.uid']
  if (typeof uid !== 'string' || uid === '') return undefined
  const service = resource['service.name']
  return { uid, producer: typeof service === 'string' ? service : '' }
}

/** Sets an attribute as an own member, `__proto__` included; of duplicates the last wins, with a warning. */
export function setAttribute(
  attributes: Attributes,
  key: string,
  value: JsonValue,
  warnings: Warnings,
): void {
  if (Object.hasOwn(attributes, key))
    warnings.add(`${shown(key)} is there more than once: the last one is kept`)
  if (key === '__proto__') {
    Object.defineProperty(attributes, key, { value, writable: true, enumerable: true, configurable: true })
  } else attributes[key] = value
}

/** Hex ids of a fixed length; all zeros means "not set" in OTLP, anything else is said in a warning. */
export function hexId(text: string, digits: number, name: string, warnings: Warnings): string | undefined {
  if (text === '' || /^0+$/.test(text)) return undefined
  if (text.length === digits && /^[0-9a-f]+$/i.test(text)) return text.toLowerCase()
  warnings.add(`${name} is not ${digits} hex digits, left out: ${text.slice(0, 64)}`)
  return undefined
}

/** 1 to 24; 0 means "not set". */
export function severityNumber(value: number, warnings: Warnings): number | undefined {
  if (value === 0) return undefined
  if (value >= 1 && value <= 24) return value
  warnings.add(`severity_number ${value} does not exist, left out`)
  return undefined
}

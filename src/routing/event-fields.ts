/** Which members an event has, from its published schema: what conditions are checked against. */
import type { Fields } from '../cel/contract.ts'
import { auditEventSchema } from '../event/json-schema.ts'
import { eventVariables } from './event-variables.ts'

let fields: Readonly<Record<string, Fields>> | undefined

/** The variables of a condition on events. */
export function eventFields(): Readonly<Record<string, Fields>> {
  fields ??= ofEvent()
  return fields
}

function ofEvent(): Readonly<Record<string, Fields>> {
  const schema = auditEventSchema()
  const event = fieldsOf(schema, schema)
  if (event === true) throw new TypeError('the event schema describes a closed object')
  // `log` and `raw_data` are joined on the way out: no condition can see them.
  return Object.fromEntries(Object.entries(event).filter(([member]) => Object.hasOwn(eventVariables, member)))
}

function fieldsOf(schema: unknown, root: unknown): Fields {
  const reference = member(schema, '$ref')
  if (typeof reference === 'string') return fieldsOf(resolve(reference, root), root)
  const type = member(schema, 'type')
  if (type === 'array') return { '[]': fieldsOf(member(schema, 'items'), root) }
  const properties = member(schema, 'properties')
  if (type === 'object') {
    if (typeof properties !== 'object' || properties === null) return true
    if (member(schema, 'additionalProperties') !== false) return true
    return Object.fromEntries(
      Object.entries(properties).map(([name, below]) => [name, fieldsOf(below, root)]),
    )
  }
  const alternatives = member(schema, 'anyOf')
  if (Array.isArray(alternatives)) {
    return alternatives.map((below) => fieldsOf(below, root)).every(isScalar) ? {} : true
  }
  return type === undefined && member(schema, 'const') === undefined && member(schema, 'enum') === undefined
    ? true
    : {}
}

const isScalar = (below: Fields) => below !== true && Object.keys(below).length === 0

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

/** `#/$defs/x`. */
function resolve(reference: string, root: unknown): unknown {
  return reference.split('/').slice(1).reduce(member, root)
}

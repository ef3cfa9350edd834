/**
 * What a record of the audit signal is signed and hashed as: JCS (RFC 8785) over its members, each scalar wrapped in the name
 * of its type, so that the integer 1 and the text "1" are not the same.
 * https://github.com/open-telemetry/opentelemetry-specification/pull/5059 (audit/data-model.md, `audit.integrity.value`)
 *
 * The draft says how values are written and leaves the names of members open; these are its reference implementation's.
 * Resource, scope, severity, flags and the `audit.integrity.*` attributes are no part of it.
 */
import { canonicalize } from '../../../event/canonical.ts'
import {
  arrayField,
  asObject,
  double,
  fail,
  int64,
  isObject,
  type JsonObject,
  kind,
  type Place,
  textField,
  uint64Text,
} from '../json-fields.ts'
import { deepestValue } from '../limits.ts'

/** Null is a value that was not set. Lists and maps are not wrapped; what is in them is. */
export type TypedValue = null | Scalar | readonly TypedValue[] | { readonly [key: string]: TypedValue }

type Scalar =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  /** A text beyond 2^53. */
  | { readonly intValue: number | string }
  /** A text for NaN and the infinities, as in OTLP's JSON. */
  | { readonly doubleValue: number | string }
  | { readonly bytesValue: string }

export interface AuditRecord {
  readonly attributes?: TypedAttributes
  readonly body?: TypedValue
  readonly event_name?: string
  /** Unix nanoseconds, decimal; here and below. */
  readonly observed_timestamp?: string
  readonly span_id?: string
  readonly timestamp?: string
  readonly trace_id?: string
}

/** Without a prototype. */
export type TypedAttributes = { [key: string]: TypedValue }

/**
 * How integers are written: `draft`, numbers up to 2^53 and texts beyond; `text`, always as texts, as the draft's reference
 * implementation does.
 */
export type Integers = 'draft' | 'text'

/** From a LogRecord as OTLP's JSON has it, `audit.integrity.*` still among the attributes. Throws `bad_request`. */
export function auditRecord(record: JsonObject, integers: Integers = 'draft'): AuditRecord {
  const here = () => 'the record'
  const attributes = typedAttributes(record, 'attributes', here, integers)
  const body = typedValue(record.body, 0, () => 'body', integers)
  const eventName = textField(record, 'eventName', here)
  const timestamp = uint64Text(record, 'timeUnixNano', here)
  const observed = uint64Text(record, 'observedTimeUnixNano', here)
  const traceId = hexId(record, 'traceId', 32)
  const spanId = hexId(record, 'spanId', 16)
  return {
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(body !== null && { body }),
    ...(eventName !== '' && { event_name: eventName }),
    ...(observed !== '' && { observed_timestamp: observed }),
    ...(spanId !== '' && { span_id: spanId }),
    ...(timestamp !== '' && { timestamp }),
    ...(traceId !== '' && { trace_id: traceId }),
  }
}

/** Of a name given twice the last value counts, as the draft has it. Throws `bad_request`. */
export function typedAttributes(
  object: JsonObject,
  member: string,
  place: Place,
  integers: Integers = 'draft',
  depth = 0,
): TypedAttributes {
  const attributes: TypedAttributes = Object.create(null)
  for (const [index, pair] of arrayField(object, member, place).entries()) {
    const here = () => `${member}[${index}]`
    const { key, value } = asObject(pair, here)
    if (key !== undefined && key !== null && typeof key !== 'string') fail(here, 'its key is no string')
    attributes[key ?? ''] = typedValue(value, depth, () => `${here()}.value`, integers)
  }
  return attributes
}

/** The text that is signed and hashed, as UTF-8. Throws a RangeError where something in it is no Unicode. */
export function canonicalText({ attributes = {}, ...record }: AuditRecord): string {
  const signed: TypedAttributes = Object.create(null)
  let count = 0
  for (const key of Object.keys(attributes)) {
    if (key.startsWith('audit.integrity.')) continue
    signed[key] = attributes[key]!
    count++
  }
  return canonicalize(count > 0 ? { ...record, attributes: signed } : record, {
    onLoneSurrogate: () => {
      throw new RangeError('a text in it has a lone surrogate, which is no Unicode')
    },
  })
}

const kinds = [
  'stringValue',
  'boolValue',
  'intValue',
  'doubleValue',
  'arrayValue',
  'kvlistValue',
  'bytesValue',
] as const

function typedValue(input: unknown, depth: number, place: Place, integers: Integers): TypedValue {
  if (input === undefined || input === null) return null
  const any = asObject(input, place)
  const [name, ...others] = kinds.filter((each) => any[each] !== undefined && any[each] !== null)
  if (name === undefined) return null
  if (others.length > 0) fail(place, `it is both ${name} and ${others.join(' and ')}`)
  const value = any[name]
  const at = () => `${place()}.${name}`
  switch (name) {
    case 'stringValue':
      return typeof value === 'string'
        ? { stringValue: value }
        : fail(at, `a string was expected, not ${kind(value)}`)
    case 'boolValue':
      return typeof value === 'boolean'
        ? { boolValue: value }
        : fail(at, `true or false was expected, not ${kind(value)}`)
    case 'intValue':
      return { intValue: integer(int64(value, at), integers) }
    case 'doubleValue': {
      const number = double(value, at)
      return { doubleValue: Number.isFinite(number) ? number : String(number) }
    }
    case 'bytesValue':
      return { bytesValue: base64(value, at) }
    default: {
      if (!isObject(value)) return fail(at, `an object was expected, not ${kind(value)}`)
      if (depth >= deepestValue)
        return fail(() => at().slice(0, 100), `values nested more than ${deepestValue} deep`)
      if (name === 'kvlistValue') return typedAttributes(value, 'values', at, integers, depth + 1)
      return arrayField(value, 'values', at).map((each, index) =>
        typedValue(each, depth + 1, () => `${at()}.values[${index}]`, integers),
      )
    }
  }
}

const largest = 2n ** 53n

/** Up to 2^53 in either direction a double holds every integer. */
function integer(value: number | bigint, integers: Integers): number | string {
  if (integers === 'text') return String(value)
  if (typeof value === 'number') return value
  return value <= largest && value >= -largest ? Number(value) : String(value)
}

/** Standard alphabet and padding, whichever came. */
function base64(value: unknown, place: Place): string {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) fail(place, 'base64 was expected')
  return Buffer.from(value, 'base64').toString('base64')
}

/** Empty where it is not set, or says so with zeros. */
function hexId(record: JsonObject, member: string, digits: number): string {
  const text = textField(record, member, () => 'the record')
  if (text === '' || /^0+$/.test(text)) return ''
  if (text.length !== digits || !/^[0-9a-f]+$/i.test(text))
    fail(() => member, `${digits} hex digits were expected`)
  return text.toLowerCase()
}

/**
 * Typed reads from parsed JSON, by the rules of protobuf's JSON mapping: null and absent are the same, 64-bit
 * integers come as strings or numbers, and every error names the place.
 * https://protobuf.dev/programming-guides/json/
 */
import { AffiantError } from '../../errors.ts'

export type JsonObject = { readonly [key: string]: unknown }

/** Where in the body, as a path in the reader's words; built only when there is something to say. */
export type Place = () => string

export function fail(place: Place, what: string): never {
  throw new AffiantError('bad_request', `invalid OTLP JSON at ${place()}: ${what}`)
}

/**
 * Undefined where it is absent. The names of the .proto files are no names of OTLP's JSON ("not valid to use"): what stands under one
 * would be lost, as unknown members are, while its sender is told that it was taken in.
 */
export function member(object: JsonObject, key: string, place: Place): unknown {
  const value = object[key]
  if (value !== undefined) return value
  const original = originalNames[key]
  if (original !== undefined && object[original] !== undefined && object[original] !== null)
    fail(place, `names are in lowerCamelCase: ${key}, not ${original}`)
  return undefined
}

const originalNames: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  [
    'resourceLogs',
    'scopeLogs',
    'logRecords',
    'schemaUrl',
    'droppedAttributesCount',
    'entityRefs',
    'idKeys',
    'descriptionKeys',
    'timeUnixNano',
    'observedTimeUnixNano',
    'severityNumber',
    'severityText',
    'eventName',
    'traceId',
    'spanId',
    'stringValue',
    'boolValue',
    'intValue',
    'doubleValue',
    'arrayValue',
    'kvlistValue',
    'bytesValue',
  ].map((name) => [name, name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]),
)

export function asObject(value: unknown, place: Place): JsonObject {
  if (isObject(value)) return value
  fail(place, `an object was expected, not ${kind(value)}`)
}

export function objectField(object: JsonObject, key: string, place: Place): JsonObject | undefined {
  const value = member(object, key, place)
  return value === undefined || value === null ? undefined : asObject(value, () => `${place()}.${key}`)
}

export function arrayField(object: JsonObject, key: string, place: Place): readonly unknown[] {
  const value = member(object, key, place)
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  fail(() => `${place()}.${key}`, `an array was expected, not ${kind(value)}`)
}

/** Empty when absent: protobuf makes no difference. */
export function textField(object: JsonObject, key: string, place: Place): string {
  const value = member(object, key, place)
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  fail(() => `${place()}.${key}`, `a string was expected, not ${kind(value)}`)
}

export function textsField(object: JsonObject, key: string, place: Place): string[] {
  return arrayField(object, key, place).map((value, index) => {
    if (typeof value !== 'string')
      fail(() => `${place()}.${key}[${index}]`, `a string was expected, not ${kind(value)}`)
    return value
  })
}

/** 0 when absent. */
export function uint32Field(object: JsonObject, key: string, place: Place): number {
  const value = member(object, key, place)
  if (value === undefined || value === null) return 0
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 0xffff_ffff)
    return number
  fail(() => `${place()}.${key}`, 'an integer from 0 to 2^32-1 was expected')
}

/** Decimal digits of an unsigned 64-bit number; empty when absent or 0. */
export function uint64Text(object: JsonObject, key: string, place: Place): string {
  const value = member(object, key, place)
  if (value === undefined || value === null) return ''
  const text = typeof value === 'number' ? String(value) : value
  if (
    typeof text !== 'string' ||
    !/^\d{1,20}$/.test(text) ||
    (text.length === 20 && BigInt(text) >= 1n << 64n)
  ) {
    fail(() => `${place()}.${key}`, 'an integer from 0 to 2^64-1 was expected, as a string or a number')
  }
  return text.startsWith('0') ? text.replace(/^0+/, '') : text
}

export function int64(value: unknown, place: Place): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) {
    const number = Number(value)
    if (Number.isSafeInteger(number)) return number
    const exact = BigInt(value)
    if (exact === BigInt.asIntN(64, exact)) return exact
  }
  fail(place, 'an integer of 64 bits was expected, as a string or a number')
}

/** A number, or one written as a string: `"NaN"`, `"Infinity"`, `"1.5"`. */
export function double(value: unknown, place: Place): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string' && /^(NaN|-?Infinity|-?\d+(\.\d+)?([eE][+-]?\d+)?)$/.test(value))
    return Number(value)
  fail(place, 'a number was expected')
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function kind(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

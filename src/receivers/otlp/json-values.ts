/** AnyValue and KeyValue in OTLP's JSON encoding, and what they become. Same results as protobuf-values.ts. */
import { AffiantError } from '../../errors.ts'
import {
  arrayField,
  asObject,
  double,
  fail,
  int64,
  isObject,
  type JsonObject,
  kind,
  member,
  type Place,
  textField,
} from './json-fields.ts'
import { deepestValue } from './limits.ts'
import { bytesAsText, exactInteger, finiteDouble } from './number-values.ts'
import { type Attributes, type JsonValue, setAttribute } from './record.ts'
import type { Warnings } from './warnings.ts'

/** The KeyValues under `key`, added to `attributes`. */
export function readAttributes(
  object: JsonObject,
  key: string,
  attributes: Attributes,
  depth: number,
  place: Place,
  warnings: Warnings,
): void {
  const list = arrayField(object, key, place)
  for (let index = 0; index < list.length; index++) {
    const here = () => `${place()}.${key}[${index}]`
    const pair = asObject(list[index], here)
    const name = textField(pair, 'key', here)
    const value = readAnyValue(pair.value, name, depth, () => `${here()}.value`, warnings)
    setAttribute(attributes, name, value, warnings)
  }
}

/** An AnyValue. An empty or absent one is null. `name` is for warnings. */
export function readAnyValue(
  input: unknown,
  name: string,
  depth: number,
  place: Place,
  warnings: Warnings,
): JsonValue {
  if (input === undefined || input === null) return null
  const any = asObject(input, place)
  const { stringValue, intValue, boolValue, doubleValue, bytesValue } = any
  if (stringValue !== undefined && stringValue !== null) {
    if (typeof stringValue === 'string') return stringValue
    fail(() => `${place()}.stringValue`, `a string was expected, not ${kind(stringValue)}`)
  }
  if (intValue !== undefined && intValue !== null) {
    return exactInteger(
      int64(intValue, () => `${place()}.intValue`),
      name,
      warnings,
    )
  }
  if (boolValue !== undefined && boolValue !== null) {
    if (typeof boolValue === 'boolean') return boolValue
    fail(() => `${place()}.boolValue`, `true or false was expected, not ${kind(boolValue)}`)
  }
  if (doubleValue !== undefined && doubleValue !== null) {
    return finiteDouble(
      double(doubleValue, () => `${place()}.doubleValue`),
      name,
      warnings,
    )
  }
  if (isObject(any.arrayValue)) return readArray(any.arrayValue, name, depth + 1, place, warnings)
  if (isObject(any.kvlistValue)) {
    if (depth >= deepestValue) tooDeep(place)
    const values: Attributes = {}
    readAttributes(any.kvlistValue, 'values', values, depth + 1, () => `${place()}.kvlistValue`, warnings)
    return values
  }
  if (typeof bytesValue === 'string')
    return bytesAsText(
      base64(bytesValue, () => `${place()}.bytesValue`),
      name,
      warnings,
    )
  for (const name of ['arrayValue', 'kvlistValue', 'bytesValue']) {
    if (any[name] === undefined || any[name] === null) continue
    fail(() => `${place()}.${name}`, `${kind(any[name])} is not what belongs here`)
  }
  for (const name of kinds) member(any, name, place)
  return null
}

const kinds = [
  'stringValue',
  'intValue',
  'boolValue',
  'doubleValue',
  'arrayValue',
  'kvlistValue',
  'bytesValue',
]

function readArray(
  array: JsonObject,
  name: string,
  depth: number,
  place: Place,
  warnings: Warnings,
): JsonValue {
  if (depth > deepestValue) tooDeep(place)
  const here = () => `${place()}.arrayValue`
  return arrayField(array, 'values', here).map((value, index) =>
    readAnyValue(value, name, depth, () => `${here()}.values[${index}]`, warnings),
  )
}

/** The standard and the URL alphabet are both allowed in protobuf's JSON; standard base64 comes out. */
function base64(text: string, place: Place): string {
  // A character alone is six bits: no byte, and nothing that could be left out.
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1)
    fail(place, 'base64 was expected')
  return Buffer.from(text, 'base64').toString('base64')
}

/** Without the whole path: that is as long as the value is deep. */
function tooDeep(place: Place): never {
  const path = place()
  throw new AffiantError(
    'bad_request',
    `invalid OTLP JSON at ${path.slice(0, 100)}…: values nested more than ${deepestValue} deep`,
  )
}

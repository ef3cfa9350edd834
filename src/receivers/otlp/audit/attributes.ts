/** Attributes of the audit signal by name and type, under the names that drafts of it have given them. */
import type { TypedAttributes, TypedValue } from './canonical-record.ts'

/** The newest first: of several the first counts. */
export const names = {
  number: ['audit.sequence.number'],
  previousHash: ['audit.sequence.previous_hash', 'audit.sequence.prev_hash', 'audit.prev.hash'],
  previousId: ['audit.sequence.previous_record_id', 'audit.sequence.prev_record_id'],
  stream: ['audit.sequence.stream_id'],
  end: ['audit.sequence.end'],
} as const

/** Undefined where it is not set; null where it is, to nothing or to something of another type. */
export type Read<T> = T | null | undefined

const memberOf = (value: TypedValue | undefined, member: string): unknown =>
  typeof value === 'object' && value !== null && member in value
    ? (value as Readonly<Record<string, unknown>>)[member]
    : undefined

function read<T>(
  attributes: TypedAttributes,
  name: string,
  member: string,
  isOne: (value: unknown) => value is T,
): Read<T> {
  const value = attributes[name]
  if (value === undefined) return undefined
  const inner = memberOf(value, member)
  return isOne(inner) ? inner : null
}

const isString = (value: unknown): value is string => typeof value === 'string'
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isInteger = (value: unknown): value is number | string => isString(value) || typeof value === 'number'

export const textOf = (attributes: TypedAttributes, name: string): Read<string> =>
  read(attributes, name, 'stringValue', isString)

export const booleanOf = (attributes: TypedAttributes, name: string): Read<boolean> =>
  read(attributes, name, 'boolValue', isBoolean)

export function integerOf(attributes: TypedAttributes, name: string): Read<bigint> {
  const value = read(attributes, name, 'intValue', isInteger)
  return value === undefined || value === null ? value : BigInt(value)
}

/** The texts of a list, or the one that stands alone. */
export function textsOf(attributes: TypedAttributes, name: string): Read<readonly string[]> {
  const value = attributes[name]
  if (!Array.isArray(value)) {
    const text = textOf(attributes, name)
    return text === undefined || text === null ? text : [text]
  }
  const texts = value.map((each: TypedValue) => memberOf(each, 'stringValue'))
  return texts.every(isString) ? texts : null
}

/** Which of the names the record has. */
export const usedName = (attributes: TypedAttributes, among: readonly string[]): string =>
  among.find((name) => attributes[name] !== undefined) ?? among[0]!

/**
 * Records that hold several, such as Kubernetes' EventList, and lines that are a list of records: each becomes an event
 * of its own.
 */
import type { FixedPath } from './mapping/path.ts'

type Value = Readonly<Record<string, unknown>>

export interface OneOfSeveral {
  readonly record: Value
  /** What stood beside the list that it is the first of. Absent when there was nothing. */
  readonly envelope: Value | undefined
}

/**
 * Undefined for what is one record: no list, and no array of objects at `path`. An array there that is empty, or that
 * holds anything but objects, is a member like any other.
 */
export function severalRecords(
  decoded: Value | readonly Value[],
  path: FixedPath | undefined,
): readonly OneOfSeveral[] | undefined {
  if (isList(decoded)) {
    return decoded.flatMap((one) => severalRecords(one, path) ?? [{ record: one, envelope: undefined }])
  }
  const several = path === undefined ? undefined : recordsAt(decoded, path)
  if (several === undefined) return undefined
  return several.items.map((record, i) => ({ record, envelope: i === 0 ? several.envelope : undefined }))
}

function recordsAt(
  record: Value,
  { segments }: FixedPath,
): { readonly items: readonly Value[]; readonly envelope: Value | undefined } | undefined {
  let value: unknown = record
  for (const segment of segments) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = Reflect.get(value, segment)
  }
  if (!Array.isArray(value) || value.length === 0 || !value.every(isObject)) return undefined
  const envelope = without(record, segments)
  return { items: value, envelope: Object.keys(envelope).length > 0 ? envelope : undefined }
}

function without(object: object, [first, ...rest]: FixedPath['segments']): Value {
  const members = Object.entries(object).flatMap(([key, value]): [string, unknown][] => {
    if (key !== first) return [[key, value]]
    return rest.length > 0 && isObject(value) ? [[key, without(value, rest)]] : []
  })
  return Object.fromEntries(members)
}

function isObject(value: unknown): value is Value {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: Value | readonly Value[]): value is readonly Value[] {
  return Array.isArray(value)
}

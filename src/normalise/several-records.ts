/**
 * Records that hold several, such as Kubernetes' EventList, and lines that are a list of records: each becomes an event
 * of its own. What `expand` names is expanded in all of them, and before in what they are within.
 */
import type { Expanded } from './expand.ts'
import type { FixedPath } from './mapping/path.ts'

type Value = Readonly<Record<string, unknown>>

export interface FoundRecord {
  readonly record: Value
  /** Set for one of several in a line or message. */
  readonly index: number | undefined
  /** What stood beside the list that it is the first of. Absent when there was nothing. */
  readonly envelope: Value | undefined
  /** What `expand` has to say. */
  readonly warnings: readonly string[]
}

const noWarnings: readonly string[] = []

/**
 * Every record that was decoded: what is one, or each of a list, or of the array of objects at `path`. An array there
 * that is empty, or that holds anything but objects, is a member like any other.
 */
export function findRecords(
  decoded: Value | readonly Value[],
  path: FixedPath | undefined,
  expand: ((record: Value) => Expanded) | undefined,
): readonly FoundRecord[] {
  const all = isList(decoded)
    ? decoded.flatMap((one) => recordsOf(one, path, expand))
    : recordsOf(decoded, path, expand)
  if (!isList(decoded) && all[0]?.index === undefined) return all
  return all.map((found, index) => ({ ...found, index }))
}

function recordsOf(
  decoded: Value,
  path: FixedPath | undefined,
  expand: ((record: Value) => Expanded) | undefined,
): readonly FoundRecord[] {
  const { record, warnings } = expand?.(decoded) ?? { record: decoded, warnings: noWarnings }
  const several = path === undefined ? undefined : recordsAt(record, path)
  if (several === undefined) return [{ record, index: undefined, envelope: undefined, warnings }]
  return several.items.map((item, index) => {
    const inner = expand?.(item) ?? { record: item, warnings: noWarnings }
    return {
      record: inner.record,
      index,
      envelope: index === 0 ? several.envelope : undefined,
      warnings: [...warnings, ...inner.warnings],
    }
  })
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

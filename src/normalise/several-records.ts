/** Records that hold several, such as Kubernetes' EventList: each becomes an event of its own. */
import type { Path } from './mapping/path.ts'

type Value = Readonly<Record<string, unknown>>

export interface SeveralRecords {
  readonly items: readonly Value[]
  /** What the record has beside them; the first event keeps it. Absent when there is nothing. */
  readonly envelope: Value | undefined
}

/** Undefined when there is no such array, when it is empty, or when it holds anything but objects. */
export function recordsIn(record: object, { segments }: Path): SeveralRecords | undefined {
  let value: unknown = record
  for (const segment of segments) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = Reflect.get(value, segment)
  }
  if (!Array.isArray(value) || value.length === 0 || !value.every(isObject)) return undefined
  const envelope = without(record, segments)
  return { items: value, envelope: Object.keys(envelope).length > 0 ? envelope : undefined }
}

function without(object: object, [first, ...rest]: Path['segments']): Value {
  const members = Object.entries(object).flatMap(([key, value]): [string, unknown][] => {
    if (key !== first) return [[key, value]]
    return rest.length > 0 && isObject(value) ? [[key, without(value, rest)]] : []
  })
  return Object.fromEntries(members)
}

function isObject(value: unknown): value is Value {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

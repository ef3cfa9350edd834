/**
 * Records that hold several, such as Kubernetes' EventList, and lines that are a list of records: each becomes an event
 * of its own, and so does what stands among them and is none. What `expand` names is expanded in all of them, and before
 * in what they are within.
 */
import type { Expanded } from './expand.ts'
import type { FixedPath } from './mapping/path.ts'

type Value = Readonly<Record<string, unknown>>

/** One of several is told from a record that is alone by its index. */
interface Place {
  /** Set for one of several in a line or message. */
  readonly index: number | undefined
}

interface FoundRecord extends Place {
  readonly record: Value
  /** What stood beside the list that it is the first record of. Absent when there was nothing. */
  readonly envelope: Value | undefined
  /** What `expand` has to say. */
  readonly warnings: readonly string[]
  /** `expand` could not read some of it. */
  readonly partial: boolean
}

/** What stands where a record belongs. */
interface FoundFault extends Place {
  readonly element: unknown
  /** Says which it is and what is wrong with it, and repeats nothing of it. */
  readonly reason: string
}

interface Found {
  readonly records: readonly FoundRecord[]
  readonly faults: readonly FoundFault[]
}

const noWarnings: readonly string[] = []
const noFaults: readonly FoundFault[] = []

/**
 * Every record that was decoded: what is one, or each of a list, or of the array at `path`. An array there that holds no
 * object is a member like any other.
 */
export function findRecords(
  decoded: Value | readonly unknown[],
  path: FixedPath | undefined,
  expand: ((record: Value) => Expanded) | undefined,
): Found {
  if (!isList(decoded)) return recordsOf(decoded, path, expand)
  const records: FoundRecord[] = []
  const faults: FoundFault[] = []
  let index = 0
  for (const [i, element] of decoded.entries()) {
    if (!isObject(element)) {
      faults.push(faultOf(element, '', i, index++))
      continue
    }
    const found = recordsOf(element, path, expand)
    // Each keeps its place among all that are in the line.
    for (const record of found.records) records.push({ ...record, index: index + (record.index ?? 0) })
    for (const fault of found.faults) faults.push({ ...fault, index: index + fault.index! })
    index += found.records.length + found.faults.length
  }
  return { records, faults }
}

function recordsOf(
  decoded: Value,
  path: FixedPath | undefined,
  expand: ((record: Value) => Expanded) | undefined,
): Found {
  const { record, warnings, partial } = expand?.(decoded) ?? unexpanded(decoded)
  const several = path === undefined ? undefined : recordsAt(record, path)
  if (several === undefined) {
    return {
      records: [{ record, index: undefined, envelope: undefined, warnings, partial }],
      faults: noFaults,
    }
  }
  const records: FoundRecord[] = []
  const faults: FoundFault[] = []
  for (const [index, item] of several.items.entries()) {
    if (!isObject(item)) {
      faults.push(faultOf(item, path!.text, index, index))
      continue
    }
    const inner = expand?.(item) ?? unexpanded(item)
    records.push({
      record: inner.record,
      index,
      envelope: records.length === 0 ? several.envelope : undefined,
      warnings: [...warnings, ...inner.warnings],
      partial: partial || inner.partial,
    })
  }
  return { records, faults }
}

function unexpanded(record: Value): Expanded {
  return { record, warnings: noWarnings, partial: false }
}

function faultOf(element: unknown, list: string, at: number, index: number): FoundFault {
  return {
    element,
    index,
    reason: `no record: ${list}[${at}] is ${kindOf(element)}, an object belongs there`,
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`
}

function recordsAt(
  record: Value,
  { segments }: FixedPath,
): { readonly items: readonly unknown[]; readonly envelope: Value | undefined } | undefined {
  let value: unknown = record
  for (const segment of segments) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = Reflect.get(value, segment)
  }
  if (!Array.isArray(value) || !value.some(isObject)) return undefined
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

function isList(value: Value | readonly unknown[]): value is readonly unknown[] {
  return Array.isArray(value)
}

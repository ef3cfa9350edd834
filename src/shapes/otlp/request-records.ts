/** The bodies of an `ExportLogsServiceRequest` in JSON, as plain values. */
import { maxCanonicalDepth } from '../../event/canonical.ts'
import { ShapeError } from '../shape.ts'

type Members = Readonly<Record<string, unknown>>

const isMap = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listIn = (value: unknown, name: string): readonly unknown[] => {
  const list = isMap(value) ? value[name] : undefined
  return Array.isArray(list) ? list : []
}

export function recordsIn(request: unknown): unknown[] {
  const records = listIn(request, 'resourceLogs')
    .flatMap((resource) => listIn(resource, 'scopeLogs'))
    .flatMap((scope) => listIn(scope, 'logRecords'))
  if (records.length === 0) throw new ShapeError('is no request with log records')
  return records.map((record) => plainOf(isMap(record) ? record.body : undefined, 0))
}

/** An AnyValue as JSON has it. One without a kind is null. */
function plainOf(value: unknown, depth: number): unknown {
  if (depth > maxCanonicalDepth) throw new ShapeError(`is nested deeper than ${maxCanonicalDepth} levels`)
  if (!isMap(value)) return null
  if (value.kvlistValue !== undefined) {
    const members = listIn(value.kvlistValue, 'values').filter(isMap)
    return Object.fromEntries(members.map(({ key, value: each }) => [keyOf(key), plainOf(each, depth + 1)]))
  }
  if (value.arrayValue !== undefined) {
    return listIn(value.arrayValue, 'values').map((each) => plainOf(each, depth + 1))
  }
  if (value.intValue !== undefined) return integerOf(value.intValue)
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null
}

function integerOf(value: unknown): number {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN
  if (Number.isInteger(number)) return number
  throw new ShapeError(`has an intValue that is none: ${JSON.stringify(value).slice(0, 60)}`)
}

function keyOf(key: unknown): string {
  if (typeof key === 'string') return key
  throw new ShapeError(`has an attribute whose key is no text: ${JSON.stringify(key)?.slice(0, 60)}`)
}

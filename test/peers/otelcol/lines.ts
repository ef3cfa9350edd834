/** Output lines, from what the collector kept of them. */
import { canonicalize } from '../../../src/event/canonical.ts'
import type { Received, Value } from './received.ts'

/**
 * A body that is a text is the line itself. HEC's event endpoint takes events apart and keeps members by name: then it
 * is written as delivery writes lines, the event in canonical form with `raw_data` and `log` behind the rest.
 */
export function lineOf({ body }: Received): string {
  if (typeof body === 'string') return body
  const { raw_data: rawData, log, ...event } = membersOf(body)
  const { origin, seq, size } = membersOf(log)
  const tail = `"log":${JSON.stringify({ origin, seq, size })}}`
  const raw = rawData === undefined ? '' : `"raw_data":${JSON.stringify(rawData)},`
  return `${canonicalize(event).slice(0, -1)},${raw}${tail}`
}

function membersOf(value: Value | undefined): Readonly<Record<string, Value>> {
  if (typeof value !== 'object' || value === null || isList(value)) {
    throw new Error(`the collector has something else than an event: ${JSON.stringify(value)}`)
  }
  return value
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

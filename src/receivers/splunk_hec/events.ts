/**
 * The body of `/services/collector/event`: objects that follow each other, each an event with what is known of it beside.
 * https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector
 */

import { asError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import { membersOf, objectsIn } from '../server/json-slices.ts'
import { HecError } from './codes.ts'
import { timeOf } from './time.ts'

type Members = Readonly<Record<string, unknown>>

export interface Events {
  /** Up to the first that is none. */
  readonly records: readonly TextRecord[]
  /** Which that is, and why; clients take it that those before it were taken in. */
  readonly fault: HecError | undefined
}

/** `shared` is what the query string says of all of them. */
export function readEvents(text: string, shared: Members): Events {
  const records: TextRecord[] = []
  try {
    for (const object of objectsIn(text)) records.push(recordOf(object, shared))
    return { records, fault: undefined }
  } catch (thrown) {
    const at = records.length
    const { message } = asError(thrown)
    const code = thrown instanceof HecError ? thrown.hec : 6
    return { records, fault: new HecError(code, `event ${at}: ${message}`, at) }
  }
}

function recordOf(text: string, shared: Members): TextRecord {
  const { event, ...around } = JSON.parse(text) as Members
  const { fields } = around
  if (event === undefined || event === null) throw new HecError(12, '`event` is missing')
  if (typeof event === 'string' && event.trim() === '') throw new HecError(13, '`event` is blank')
  if (fields !== undefined && !isFlat(fields))
    throw new HecError(15, '`fields` is no flat object: values are texts, numbers, or lists of them')
  const written = membersOf(text)
  const time = written.get('time') ?? 'null'
  const when = time === 'null' ? undefined : timeOf(time)
  if (when === undefined && time !== 'null')
    throw new HecError(6, '`time` is no time: it is written in seconds since 1970, as in 1732400000.123')
  for (const [name, value] of Object.entries(around)) {
    if (typeof value !== 'number' && (typeof value !== 'object' || value === null)) continue
    Object.defineProperty(around, name, { value: JSON.parse(written.get(name)!, exact), enumerable: true })
  }
  const beside: Members = { ...shared, ...around }
  return {
    text: typeof event === 'string' ? event : written.get('event')!,
    ...(when !== undefined && { time: when }),
    ...(Object.keys(beside).length > 0 && { within: { whole: text, beside } }),
  }
}

function isFlat(fields: unknown): boolean {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return false
  return Object.values(fields)
    .flat()
    .every((value) => typeof value !== 'object' || value === null)
}

/** A number whose digits a double would lose stays a text. */
function exact(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined) return value
  return source.length <= 15 || String(value) === source ? value : source
}

/**
 * A CloudEvent in structured mode: its `data` is the record, and what stands around it goes along.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
import type { TextRecord } from '../../event/record.ts'
import { normaliseRfc3339 } from '../../event/time.ts'
import { memberOf } from '../server/json-slices.ts'

/** @throws Error that says what a CloudEvent must have and this has not */
export function unwrapCloudEvent(text: string, event: Readonly<Record<string, unknown>>): TextRecord {
  const { id, source, specversion, type, data, data_base64: encoded, ...attributes } = event
  for (const [name, value] of Object.entries({ id, source, specversion, type })) {
    if (typeof value !== 'string' || value === '') throw new Error(`a CloudEvent has a text \`${name}\``)
  }
  const beside = { id, source, specversion, type, ...attributes }
  const time = typeof event.time === 'string' ? normaliseRfc3339(event.time) : undefined
  const isWrong = time === undefined && event.time !== undefined && event.time !== null
  return {
    text: recordIn(text, data, encoded),
    id: { uid: String(id), producer: String(source) },
    ...(time !== undefined && { time }),
    ...(isWrong && { warnings: ['the `time` of the CloudEvent is no time of RFC 3339: it is not used'] }),
    within: { whole: text, beside },
  }
}

function recordIn(text: string, data: unknown, encoded: unknown): string {
  if (typeof encoded === 'string') return Buffer.from(encoded, 'base64').toString('utf8')
  if (typeof data === 'string') return data
  if (data === undefined || data === null) throw new Error('the CloudEvent has no `data`, and so no record')
  return memberOf(text, 'data')!
}

/**
 * A CloudEvent in structured mode: its `data` is the record, and what stands around it goes along.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
import { isUtf8 } from 'node:buffer'
import type { TextRecord } from '../../event/record.ts'
import { normaliseRfc3339 } from '../../event/time.ts'
import { parseExact, readAround } from '../server/around-record.ts'
import { firstTexts } from '../server/first-members.ts'

/** @throws Error that says what a CloudEvent must have and this has not */
export function unwrapCloudEvent(text: string, event: Readonly<Record<string, unknown>>): TextRecord {
  const { id, source, specversion, type, data, data_base64: encoded, ...attributes } = event
  for (const [name, value] of Object.entries({ id, source, specversion, type })) {
    if (typeof value !== 'string' || value === '') throw new Error(`a CloudEvent has a text \`${name}\``)
  }
  const { written, warnings } = readAround(text)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value !== 'number' && (typeof value !== 'object' || value === null)) continue
    Object.defineProperty(attributes, name, { value: parseExact(written.get(name)!), enumerable: true })
  }
  const beside = { id, source, specversion, type, ...attributes }
  const time = typeof event.time === 'string' ? normaliseRfc3339(event.time) : undefined
  const isWrong = time === undefined && event.time !== undefined && event.time !== null
  const all = isWrong ? [...warnings, noTime] : warnings
  return {
    text: recordIn(data, encoded, written),
    ...idGivenBy({ id, source }),
    ...(time !== undefined && { time }),
    ...(all.length > 0 && { warnings: all }),
    within: { whole: text, beside },
  }
}

/** What it is known by when it is sent again. */
export function idGivenBy({ id, source }: Readonly<Record<string, unknown>>): Pick<TextRecord, 'id'> {
  if (typeof id !== 'string' || typeof source !== 'string' || id === '' || source === '') return {}
  return { id: { uid: id, producer: source } }
}

/** The same of an event that is not read, for its size: where both stand among its first members, and are short. */
export const idIn = (text: string): Pick<TextRecord, 'id'> => idGivenBy(firstTexts(text, ['id', 'source']))

const noTime = 'the `time` of the CloudEvent is no time of RFC 3339: it is not used'

function recordIn(data: unknown, encoded: unknown, written: ReadonlyMap<string, string>): string {
  const hasData = data !== undefined && data !== null
  if (encoded !== undefined && encoded !== null) {
    if (hasData) throw new Error('a CloudEvent has `data` or `data_base64`, not both')
    return decoded(encoded)
  }
  if (!hasData) throw new Error('the CloudEvent has no `data`, and so no record')
  return typeof data === 'string' ? data : written.get('data')!
}

function decoded(encoded: unknown): string {
  if (typeof encoded !== 'string' || !base64.test(encoded)) throw new Error('its `data_base64` is no base64')
  const bytes = Buffer.from(encoded, 'base64')
  if (!isUtf8(bytes)) throw new Error('its `data_base64` is no text in UTF-8')
  return bytes.toString('utf8')
}

const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/

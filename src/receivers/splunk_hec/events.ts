/**
 * The body of `/services/collector/event`: objects that follow each other, each an event with what is known of it beside.
 * https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector
 */

import type { TextRecord } from '../../event/record.ts'
import { parseExact, readAround } from '../server/around-record.ts'
import { crowdedRecord } from '../server/crowded.ts'
import { jsonFault } from '../server/json-fault.ts'
import { objectsIn } from '../server/json-slices.ts'
import { readObject } from '../server/read-object.ts'
import { oversizeRecord } from '../server/record-limit.ts'
import { HecError } from './codes.ts'
import { timeOf } from './time.ts'

type Members = Readonly<Record<string, unknown>>

/** Its records, made one at a time: up to the first object that is none. */
export class Events implements Iterable<TextRecord> {
  /**
   * Once they have been gone through: which object is none, if one is, and why. Clients take it that those before it were
   * taken in.
   */
  fault: HecError | undefined
  readonly #text: string
  readonly #shared: Members
  readonly #maxRecord: number

  /**
   * `shared` is what the query string says of all of them. An object of more than `maxRecord` bytes is not read, and so never
   * none.
   */
  constructor(text: string, shared: Members, maxRecord: number) {
    this.#text = text
    this.#shared = shared
    this.#maxRecord = maxRecord
  }

  *[Symbol.iterator](): Generator<TextRecord> {
    let at = 0
    let last = ''
    try {
      for (const object of objectsIn(this.#text)) {
        last = object
        yield oversizeRecord(object, this.#maxRecord) ?? recordOf(object, this.#shared)
        at++
      }
    } catch (thrown) {
      const code = thrown instanceof HecError ? thrown.hec : 6
      this.fault = new HecError(code, `event ${at}: ${jsonFault(last, thrown)}`, at)
    }
  }
}

function recordOf(text: string, shared: Members): TextRecord {
  const object = readObject(text)
  const whole = crowdedRecord(text, ['event'])
  if (whole !== undefined) return whole
  const { event, ...around } = object()
  if (event === undefined || event === null) throw new HecError(12, '`event` is missing')
  if (typeof event === 'string' && event.trim() === '') throw new HecError(13, '`event` is blank')
  const { written, warnings } = readAround(text)
  const fields: unknown = JSON.parse(written.get('fields') ?? 'null')
  if (fields !== null && !isFlat(fields))
    throw new HecError(15, '`fields` is no flat object: values are texts, numbers, or lists of them')
  const time = written.get('time') ?? 'null'
  const when = time === 'null' ? undefined : timeOf(time)
  if (when === undefined && time !== 'null')
    throw new HecError(6, '`time` is no time: it is written in seconds since 1970, as in 1732400000.123')
  for (const [name, value] of Object.entries(around)) {
    if (typeof value !== 'number' && (typeof value !== 'object' || value === null)) continue
    Object.defineProperty(around, name, { value: parseExact(written.get(name)!), enumerable: true })
  }
  const beside: Members = { ...shared, ...around }
  const isAlone = Object.keys(beside).length === 0 && warnings.length === 0
  return {
    text: typeof event === 'string' ? event : written.get('event')!,
    ...(when !== undefined && { time: when }),
    ...(warnings.length > 0 && { warnings }),
    ...(!isAlone && { within: { whole: text, beside } }),
  }
}

function isFlat(fields: unknown): boolean {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return false
  return Object.values(fields)
    .flat()
    .every((value) => typeof value !== 'object' || value === null)
}

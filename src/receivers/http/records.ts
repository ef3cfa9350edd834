/** The records of a body, each as it was written. */
import { AffiantError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import { crowdedRecord } from '../server/crowded.ts'
import { linesOf, listOf, objectsUpTo, recordsOf, textOf } from '../server/json-records.ts'
import { firstCharacter, objectsIn, SliceError } from '../server/json-slices.ts'
import type { JsonObject } from '../server/read-object.ts'
import { isOver, oversizeRecord } from '../server/record-limit.ts'
import type { BodyFormat } from './body-format.ts'
import { idGivenBy, idIn, unwrapCloudEvent } from './cloud-event.ts'
import { type Attributes, structured } from './cloud-event-headers.ts'

/**
 * Rejects with `bad_request`, naming every record that is none; then there is nothing to be taken of the body. Records over
 * `maxRecord` bytes are not read.
 */
export async function recordsIn(
  body: Buffer,
  format: BodyFormat,
  maxRecord: number,
): Promise<Iterable<TextRecord>> {
  const text = textOf(body)
  const first = firstCharacter(text)
  if (first === undefined) return []
  const asItIs = objectsUpTo(maxRecord, (object) => ({ text: object }))
  const cloudEvent = objectsUpTo(maxRecord, eventOrWhole, idIn)
  switch (format) {
    case 'lines':
      return textsOf(linesOf(text), maxRecord)
    case 'ndjson':
      return recordsOf(linesOf(text), asItIs)
    case 'json':
      return recordsOf(first === '[' ? listOf(text, 'the body') : alone(text, maxRecord), asItIs)
    case 'cloudevent':
      return recordsOf(alone(text, maxRecord), cloudEvent)
    case 'cloudevents':
      if (first !== '[')
        throw new AffiantError('bad_request', 'a batch of CloudEvents is a JSON list of them')
      return recordsOf(listOf(text, 'the body'), cloudEvent)
  }
}

/**
 * A body that is one object. Where it is too long to be read, it is looked whether it is one at all: of many records without a
 * list around them all but a head would be lost. Throws `bad_request`.
 */
function alone(text: string, maxRecord: number): [string] {
  if (!isOver(text, maxRecord)) return [text]
  try {
    const objects = objectsIn(text)
    objects.next()
    if (objects.next().done) return [text]
  } catch (thrown) {
    if (!(thrown instanceof SliceError)) throw thrown
    throw new AffiantError('bad_request', `the body is no JSON object: ${thrown.message}`)
  }
  throw new AffiantError('bad_request', 'the body is no JSON object: another one follows it', {
    hint: 'records on lines of their own are application/x-ndjson',
  })
}

/** The record of a CloudEvent in binary mode, whose data the body is. Rejects with `bad_request`. */
export async function recordOf(
  body: Buffer,
  contentType: string,
  attributes: Attributes,
  maxRecord: number,
): Promise<Iterable<TextRecord>> {
  const text = textOf(body)
  if (firstCharacter(text) === undefined)
    throw new AffiantError('bad_request', 'the CloudEvent has no data, and so no record')
  const unread = oversizeRecord(text, maxRecord)
  if (unread !== undefined) return [{ ...unread, ...idGivenBy(attributes) }]
  // What headers add to it is bounded, and no part of the record.
  const unbounded = objectsUpTo(Number.POSITIVE_INFINITY, (event, object) =>
    unwrapCloudEvent(event, object()),
  )
  return recordsOf([structured(attributes, contentType, text)], unbounded)
}

function eventOrWhole(event: string, object: () => JsonObject): TextRecord {
  const whole = crowdedRecord(event, ['data', 'data_base64'])
  return whole === undefined ? unwrapCloudEvent(event, object()) : { ...whole, ...idIn(event) }
}

function* textsOf(lines: Iterable<string>, maxRecord: number): Generator<TextRecord> {
  for (const text of lines) yield oversizeRecord(text, maxRecord) ?? { text }
}

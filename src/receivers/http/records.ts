/** The records of a body, each as it was written. */
import { AffiantError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import { linesOf, listOf, recordsOf, textOf } from '../server/json-records.ts'
import { firstCharacter } from '../server/json-slices.ts'
import type { BodyFormat } from './body-format.ts'
import { unwrapCloudEvent } from './cloud-event.ts'
import { type Attributes, structured } from './cloud-event-headers.ts'

/** Rejects with `bad_request`, naming every record that is none; then there is nothing to be taken of the body. */
export async function recordsIn(body: Buffer, format: BodyFormat): Promise<Iterable<TextRecord>> {
  const text = textOf(body)
  const first = firstCharacter(text)
  if (first === undefined) return []
  switch (format) {
    case 'lines':
      return textsOf(linesOf(text))
    case 'ndjson':
      return recordsOf(linesOf(text), (line) => ({ text: line }))
    case 'json':
      return recordsOf(first === '[' ? listOf(text, 'the body') : [text], (value) => ({ text: value }))
    case 'cloudevent':
      return recordsOf([text], unwrapCloudEvent)
    case 'cloudevents':
      if (first !== '[')
        throw new AffiantError('bad_request', 'a batch of CloudEvents is a JSON list of them')
      return recordsOf(listOf(text, 'the body'), unwrapCloudEvent)
  }
}

/** The record of a CloudEvent in binary mode, whose data the body is. Rejects with `bad_request`. */
export async function recordOf(
  body: Buffer,
  contentType: string,
  attributes: Attributes,
): Promise<Iterable<TextRecord>> {
  const text = textOf(body)
  if (firstCharacter(text) === undefined)
    throw new AffiantError('bad_request', 'the CloudEvent has no data, and so no record')
  return recordsOf([structured(attributes, contentType, text)], unwrapCloudEvent)
}

function* textsOf(lines: Iterable<string>): Generator<TextRecord> {
  for (const text of lines) yield { text }
}

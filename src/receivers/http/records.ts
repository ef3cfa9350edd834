/** The records of a body, each as it was written. */
import { AffiantError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import { listOf, recordsOf, textOf } from '../server/json-records.ts'
import { firstCharacter } from '../server/json-slices.ts'
import type { BodyFormat } from './body-format.ts'
import { unwrapCloudEvent } from './cloud-event.ts'

/** Throws `bad_request`, naming every record that is none; then there is nothing to be taken of the body. */
export function recordsIn(body: Buffer, format: BodyFormat): TextRecord[] {
  const text = textOf(body)
  switch (format) {
    case 'lines':
      return linesOf(text).map((line) => ({ text: line }))
    case 'ndjson':
      return recordsOf(linesOf(text), (line) => ({ text: line }))
    case 'json':
      return recordsOf(valuesOf(text), (value) => ({ text: value }))
    case 'cloudevent':
      return recordsOf([text], unwrapCloudEvent)
    case 'cloudevents':
      if (firstCharacter(text) !== '[')
        throw new AffiantError('bad_request', 'a batch of CloudEvents is a JSON list of them')
      return recordsOf(listOf(text, 'the body'), unwrapCloudEvent)
  }
}

const linesOf = (text: string) => text.split(/\r?\n/).filter((line) => line.trim() !== '')

function valuesOf(text: string): string[] {
  const first = firstCharacter(text)
  if (first === undefined) return []
  return first === '[' ? listOf(text, 'the body') : [text]
}

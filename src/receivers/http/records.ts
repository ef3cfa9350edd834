/** The records of a body, each as it was written, or one error that names all that are none. */
import { isUtf8 } from 'node:buffer'
import { AffiantError, asError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import type { BodyFormat } from './body-format.ts'
import { unwrapCloudEvent } from './cloud-event.ts'
import { elementsOf, firstCharacter, SliceError } from './json-slices.ts'

/** What is wrong with a record, by its index in the body. */
interface Fault {
  readonly index: number
  readonly why: string
}

/** Of more an answer only says how many. */
const mostNamed = 20

/** Throws `bad_request`; then there is nothing to be taken of the body. */
export function recordsOf(body: Buffer, format: BodyFormat): TextRecord[] {
  if (!isUtf8(body)) throw new AffiantError('bad_request', 'the body is not UTF-8')
  const texts = textsOf(body.toString('utf8').replace(/^\uFEFF/, ''), format)
  if (format === 'lines') return texts.map((text) => ({ text }))
  const faults: Fault[] = []
  const records = texts.map((text, index): TextRecord => {
    try {
      const record = jsonObject(text)
      if (format === 'json' || format === 'ndjson') return { text }
      return unwrapCloudEvent(text, record)
    } catch (thrown) {
      faults.push({ index, why: asError(thrown).message })
      return { text }
    }
  })
  if (faults.length > 0) throw new AffiantError('bad_request', told(faults, texts.length))
  return records
}

function textsOf(text: string, format: BodyFormat): string[] {
  switch (format) {
    case 'lines':
    case 'ndjson':
      return text.split(/\r?\n/).filter((line) => line.trim() !== '')
    case 'cloudevent':
      return [text]
    case 'json':
      return firstCharacter(text) === '[' ? list(text) : firstCharacter(text) === undefined ? [] : [text]
    case 'cloudevents':
      if (firstCharacter(text) !== '[')
        throw new AffiantError('bad_request', 'a batch of CloudEvents is a JSON list of them')
      return list(text)
  }
}

function list(text: string): string[] {
  try {
    return elementsOf(text)
  } catch (thrown) {
    if (!(thrown instanceof SliceError)) throw thrown
    throw new AffiantError('bad_request', `the body is no JSON list: ${thrown.message}`)
  }
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new Error(
    `an object belongs there, not ${value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`}`,
  )
}

function told(faults: readonly Fault[], count: number): string {
  const named = faults.slice(0, mostNamed).map(({ index, why }) => `record ${index}: ${why}`)
  const more = faults.length - named.length
  const all = `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
  return `${faults.length} of ${count} records cannot be read, and none was taken in: ${all}`
}

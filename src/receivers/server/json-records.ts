/** JSON records of a body, each as it was written, or one error that names all that are none. */
import { isUtf8 } from 'node:buffer'
import { AffiantError, asError } from '../../errors.ts'
import type { TextRecord } from '../../event/record.ts'
import { elementsOf, SliceError } from './json-slices.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** What is wrong with a record, by its index in the body. */
interface Fault {
  readonly index: number
  readonly why: string
}

/** Of more an answer only says how many. */
const mostNamed = 20

/** Without a byte order mark. Throws `bad_request`. */
export function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw new AffiantError('bad_request', 'the body is not UTF-8')
  return body.toString('utf8').replace(/^\uFEFF/, '')
}

/** The elements of a list; `what` names it. Throws `bad_request`. */
export function listOf(text: string, what: string): string[] {
  try {
    return elementsOf(text)
  } catch (thrown) {
    if (!(thrown instanceof SliceError)) throw thrown
    throw new AffiantError('bad_request', `${what} is no JSON list: ${thrown.message}`)
  }
}

/**
 * What `make` makes of each text and of the object that it is; it throws what is wrong with one. Throws `bad_request` if
 * anything is wrong with any; then there is nothing to be taken of the body.
 */
export function recordsOf(
  texts: readonly string[],
  make: (text: string, object: JsonObject) => TextRecord,
): TextRecord[] {
  const faults: Fault[] = []
  const records = texts.map((text, index): TextRecord => {
    try {
      return make(text, objectOf(text))
    } catch (thrown) {
      faults.push({ index, why: asError(thrown).message })
      return { text }
    }
  })
  if (faults.length > 0) throw new AffiantError('bad_request', told(faults, texts.length))
  return records
}

function objectOf(text: string): JsonObject {
  const value: unknown = JSON.parse(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  const what = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`
  throw new Error(`an object belongs there, not ${what}`)
}

function told(faults: readonly Fault[], count: number): string {
  const named = faults.slice(0, mostNamed).map(({ index, why }) => `record ${index}: ${why}`)
  const more = faults.length - named.length
  const all = `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
  return `${faults.length} of ${count} records cannot be read, and none was taken in: ${all}`
}

/** The object that a text is: checked at once, and made only as far as it is asked for where it is large. */
import { isJsonObject } from './json-object.ts'
import { membersIn } from './json-slices.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** Characters. Shorter ones are parsed: that takes a millisecond or two. */
export const large = 256 * 1024

/**
 * Of a large text, an empty object or list stands for each of the object's members that is one: what is in them is read
 * where the record is. Throws SyntaxError, or an error that says what else it is.
 */
export function readObject(text: string): () => JsonObject {
  if (text.length > large && isJsonObject(text)) return () => shallow(text)
  const object = objectOf(text)
  return () => object
}

function objectOf(text: string): JsonObject {
  const value: unknown = JSON.parse(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  const what = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`
  throw new Error(`an object belongs there, not ${what}`)
}

function shallow(text: string): JsonObject {
  const object: Record<string, unknown> = {}
  for (const [name, written] of membersIn(text)) {
    const value: unknown = written.startsWith('{') ? {} : written.startsWith('[') ? [] : JSON.parse(written)
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
  }
  return object
}

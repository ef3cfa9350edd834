/**
 * What stands in a message: an object, behind the cookie `@cee:` or without it; pairs, where it is nothing else; or text.
 * It is taken apart only where nothing is lost by it.
 */
import { decodeJsonMember, maxRecordDepth } from '../json.ts'
import { createKeyValueDecoder } from '../key-value.ts'

export interface Message {
  readonly value: unknown
  readonly warnings: readonly string[]
  readonly partial: boolean
}

const cookie = /^ ?@cee: ?/
const firstPair = /^[A-Za-z_][\w.@-]*=/
const pairs = createKeyValueDecoder({}).decode
const asText = (value: string): Message => ({ value, warnings: [], partial: false })

/** As it was sent: with its byte order mark, and what ended it. */
export function trimmedMessage(text: string): string {
  let to = text.length
  while (to > 0 && '\r\n\0'.includes(text[to - 1]!)) to--
  return text.slice(text.startsWith('\uFEFF') ? 1 : 0, to)
}

export function readMessage(text: string): Message {
  const head = cookie.exec(text)?.[0] ?? ''
  if (text[head.length] === '{') return readJson(text, text.slice(head.length), head !== '')
  if (head !== '') return notJson(text)
  return firstPair.test(text) ? readPairs(text) : asText(text)
}

function readJson(text: string, json: string, isPromised: boolean): Message {
  const decoded = decodeJsonMember(json, maxRecordDepth - 1)
  if (decoded.ok && !Array.isArray(decoded.value))
    return { value: decoded.value, warnings: decoded.warnings, partial: false }
  if ('torn' in decoded && decoded.torn === true)
    return {
      ...notJson(text),
      warnings: ['syslog: the JSON of the message is cut off; it is kept as text'],
      partial: true,
    }
  return isPromised ? notJson(text) : asText(text)
}

const notJson = (value: string): Message => ({
  value,
  warnings: ['syslog: the message is no JSON object, though it says so; it is kept as text'],
  partial: false,
})

function readPairs(text: string): Message {
  const decoded = pairs(text)
  if (!decoded.ok || decoded.warnings.length > 0 || Array.isArray(decoded.value)) return asText(text)
  const values = Object.values(decoded.value)
  // Words that are no pair come as a list.
  const isAll = values.length > 1 && values.every((value) => typeof value === 'string')
  return isAll ? { value: decoded.value, warnings: [], partial: false } : asText(text)
}

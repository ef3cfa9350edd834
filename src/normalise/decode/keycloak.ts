/**
 * Events of Keycloak as its `jboss-logging` listener writes them: `type="LOGIN", realmId="…", …` behind what the server
 * puts before each line, or as the message of a line of JSON. Also events as JSON, as other listeners write them.
 *
 * Until version 22 values stood without quotes, so that one with a comma could bring fields of its own: of a field
 * that comes twice, the first is kept, which Keycloak wrote before anything that a user chose.
 */
import { setMember } from '../set-member.ts'
import type { Decoded } from './decoder.ts'
import { hasMore } from './has-more.ts'
import { decodeJson } from './json.ts'

type Members = Record<string, unknown>

export const before =
  /^(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[,.]\d+(?:Z|[+-]\d\d:?\d\d)?) +([A-Z]+) +\[([^\]]*)\] +(?:\(([^)]*)\) +)?/
export const isEvent = /^(?:type|operationType)=/
const name = /^[A-Za-z_][\w.-]*=/

export function decodeKeycloak(text: string): Decoded {
  if (text.startsWith('{')) return decodeJsonLine(text)
  const match = before.exec(text)
  if (match === null)
    return { ok: false, reason: 'no line of Keycloak: time, level and logger do not stand at its beginning' }
  const [head, time, level, logger, thread] = match
  const members: Members = { time, level, logger, ...(thread !== undefined && { thread }) }
  return withEvent(members, text.slice(head.length), [])
}

function decodeJsonLine(text: string): Decoded {
  const decoded = decodeJson(text)
  if (!decoded.ok || Array.isArray(decoded.value)) return decoded
  const { message, ...members } = decoded.value as Members
  if (typeof message !== 'string') return decoded
  const read = withEvent(members, message, decoded.warnings)
  return decoded.partial && read.ok ? { ...read, partial: true } : read
}

function withEvent(members: Members, message: string, warnings: readonly string[]): Decoded {
  // Nobody writes as many fields: that is some other text.
  if (!isEvent.test(message) || hasMore(message, ', '))
    return { ok: true, value: { ...members, message }, warnings }
  const repeated = readFields(message, members)
  if (repeated.length === 0) return { ok: true, value: members, warnings }
  const again = repeated.map((key) => `the first of several values is kept: ${key}`)
  return { ok: true, value: members, warnings: [...warnings, ...again] }
}

/** Returns the names of fields that came again; further values are in `repeated`. */
function readFields(text: string, members: Members): string[] {
  const repeated: Members = {}
  for (let at = 0; at < text.length; ) {
    const equals = text.indexOf('=', at)
    if (equals < 0) break
    const key = text.slice(at, equals)
    const end = text[equals + 1] === '"' ? quotedEnd(text, equals + 2) : bareEnd(text, equals + 1)
    const value =
      text[equals + 1] === '"'
        ? text.slice(equals + 2, end).replaceAll('\\"', '"')
        : text.slice(equals + 1, end)
    if (value !== 'null' && value !== '') {
      if (Object.hasOwn(members, key)) setMember(repeated, key, value)
      else setMember(members, key, value)
    }
    const comma = text.indexOf(', ', end)
    at = comma < 0 ? text.length : comma + 2
  }
  const keys = Object.keys(repeated)
  if (keys.length > 0) members.repeated = repeated
  return keys
}

/** The closing quote, before which none is escaped; the end of the text where there is none. */
function quotedEnd(text: string, from: number): number {
  for (let at = from; ; at++) {
    at = text.indexOf('"', at)
    if (at < 0) return text.length
    if (text[at - 1] !== '\\') return at
  }
}

/** Before a comma that another field follows. */
function bareEnd(text: string, from: number): number {
  for (let at = from; ; at += 2) {
    at = text.indexOf(', ', at)
    if (at < 0) return text.length
    if (name.test(text.slice(at + 2, at + 66))) return at
  }
}

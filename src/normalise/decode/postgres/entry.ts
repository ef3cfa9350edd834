/**
 * An entry of PostgreSQL's log, as all three of its formats (csvlog, jsonlog, stderr) become it: members named as jsonlog
 * names them, and the message of a pgAudit entry taken apart in `audit`.
 *
 * Whoever may run PL/pgSQL can write a message that looks like pgAudit's (`RAISE LOG 'AUDIT: …'`). pgAudit hides its
 * context and statement; the server adds both, or one of them, to what a function or a client raised. A message with
 * either is therefore not pgAudit's, stays a message, and has a warning.
 */
import type { Decoded } from '../decoder.ts'
import { readAuditMessage } from './audit-message.ts'

export type Entry = Record<string, unknown>

/** What a message has in the log that PostgreSQL itself, or a function, wrote on behalf of a statement. */
export const ofOthers = ['context', 'statement', 'internal_query', 'detail', 'hint']
/** pgAudit reports no errors. */
export const errors = ['ERROR', 'FATAL', 'PANIC']

const none: readonly string[] = []

export const forged =
  'the message looks like one of pgAudit, but was written by a statement or function: it is no audit entry'

/** `message` is not in `entry` yet; `warnings` are of what was read before. */
export function finishEntry(entry: Entry, message: unknown, warnings: readonly string[] = none): Decoded {
  splitZone(entry, 'timestamp')
  splitZone(entry, 'session_start')
  const audit = typeof message === 'string' ? readAuditMessage(message) : undefined
  if (audit === undefined) {
    if (message !== undefined) entry.message = message
    return { ok: true, value: entry, warnings }
  }
  const isForged = ofOthers.some((key) => has(entry, key)) || errors.includes(String(entry.error_severity))
  if (isForged) {
    entry.message = message
    return { ok: true, value: entry, warnings: [...warnings, forged] }
  }
  entry.audit = audit.fields
  if (!audit.torn) return { ok: true, value: entry, warnings }
  return { ok: true, value: entry, warnings: [...warnings, 'the audit entry is cut off'], partial: true }
}

function has(entry: Entry, key: string): boolean {
  return entry[key] !== undefined && entry[key] !== ''
}

/** Abbreviations of zones but UTC are no offsets: they stay beside the time, which is read in the receiver's zone. */
function splitZone(entry: Entry, key: string): void {
  const value = entry[key]
  if (typeof value !== 'string' || value.endsWith(' UTC')) return
  const match = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) ([A-Za-z]\S*)$/.exec(value)
  if (match === null || match[2] === 'GMT') return
  entry[key] = match[1]
  entry.log_timezone = match[2]
}

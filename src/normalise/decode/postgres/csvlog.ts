/**
 * PostgreSQL's csvlog: https://www.postgresql.org/docs/current/runtime-config-logging.html, "Using CSV-Format Log Output".
 * Columns were added at the end: up to 23 in version 12, then backend_type (13), leader_pid and query_id (14).
 */
import { splitFields } from '../csv.ts'
import type { Decoded } from '../decoder.ts'
import { type Entry, finishEntry } from './entry.ts'

export const csvColumns = [
  'timestamp',
  'user',
  'dbname',
  'pid',
  'connection_from',
  'session_id',
  'line_num',
  'ps',
  'session_start',
  'vxid',
  'txid',
  'error_severity',
  'state_code',
  'message',
  'detail',
  'hint',
  'internal_query',
  'internal_position',
  'context',
  'statement',
  'cursor_position',
  'location',
  'application_name',
  'backend_type',
  'leader_pid',
  'query_id',
] as const
export const fewestColumns = 23

export function decodePostgresCsv(text: string): Decoded {
  const fields = splitFields(text, ',', '"')
  if (typeof fields === 'string') return { ok: false, reason: fields }
  if (fields.length < fewestColumns) {
    return {
      ok: false,
      reason: `csvlog: ${fields.length} columns where PostgreSQL writes at least ${fewestColumns}`,
    }
  }
  const entry: Entry = {}
  let message: string | undefined
  const count = Math.min(fields.length, csvColumns.length)
  for (let i = 0; i < count; i++) {
    const value = fields[i]!
    if (value === '') continue
    const column = csvColumns[i]!
    if (column === 'message') message = value
    else if (column === 'connection_from') addConnection(value, entry)
    else entry[column] = value
  }
  if (fields.length === count) return finishEntry(entry, message)
  entry.extra = fields.slice(count)
  return finishEntry(entry, message, [`csvlog: ${fields.length} columns where ${count} are known`])
}

/** `192.0.2.7:54321`, `[local]`, and IPv6 without brackets: the last colon is the port's. */
function addConnection(from: string, entry: Entry): void {
  const colon = from.lastIndexOf(':')
  const port = colon < 0 ? '' : from.slice(colon + 1)
  const hasPort = /^\d{1,5}$/.test(port)
  entry.remote_host = hasPort ? from.slice(0, colon) : from
  if (hasPort) entry.remote_port = port
}

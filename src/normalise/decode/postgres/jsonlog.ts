/** PostgreSQL's jsonlog (from version 15): an object a line, whose members the other formats are named after. */
import type { Decoded } from '../decoder.ts'
import { decodeJson } from '../json.ts'
import { type Entry, finishEntry } from './entry.ts'

export function decodePostgresJson(text: string): Decoded {
  const decoded = decodeJson(text)
  if (!decoded.ok || Array.isArray(decoded.value)) return decoded
  const { message, ...entry } = decoded.value as Entry
  const read = finishEntry(entry, message, decoded.warnings)
  return decoded.partial && read.ok ? { ...read, partial: true } : read
}

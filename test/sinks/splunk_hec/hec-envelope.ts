/** Envelopes of `/services/collector/event`, one a line, read strictly. */
import type { HecCode } from './hec-codes.ts'

export interface Envelope {
  /** The event as it stood there, byte for byte. */
  readonly line: string
  /** As it was written: a double would lose digits. */
  readonly time: string
  readonly meta: Readonly<Record<string, unknown>>
}

const members = new Set(['time', 'host', 'source', 'sourcetype', 'index', 'fields', 'event'])

/** An envelope, or the code of what is wrong with it. */
export function readEnvelope(text: string): Envelope | HecCode {
  const parsed = parse(text)
  if (parsed === undefined) return 6
  const { event, time, fields, ...meta } = parsed
  if (event === undefined) return 12
  if (event === '' || event === null) return 13
  if (Object.keys(parsed).some((name) => !members.has(name))) return 6
  const written = /"time":(\d+(?:\.\d+)?),/.exec(text)?.[1] ?? ''
  if (time !== undefined && (typeof time !== 'number' || written === '')) return 6
  if (Object.values(meta).some((value) => typeof value !== 'string' || value === '')) return 6
  if (fields !== undefined && !areFlat(fields)) return 15
  const line = text.slice(text.indexOf('"event":') + '"event":'.length, -1)
  return { line, time: written, meta: { ...meta, ...(fields !== undefined && { fields }) } }
}

function areFlat(fields: unknown): boolean {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return false
  return Object.values(fields).every((value) => typeof value === 'string' || typeof value === 'number')
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : undefined
  } catch {
    return undefined
  }
}

/**
 * JSON without silent changes. JSON.parse rounds numbers, drops duplicate keys and lets lone surrogates in, and
 * reports none of it. Nearly every line is proved unchanged at a fraction of the price of parsing it; the rest is
 * parsed again by the slow, careful `parseLossless`.
 */
import { compactSize } from './compact-size.ts'
import { parseLossless } from './lossless.ts'
import { countMembers, scan, suspect, tooDeep } from './scan.ts'

/** Levels of objects and arrays in a record. Beyond that it is kept as unreadable. */
export const maxRecordDepth = 200

type JsonRecord = Readonly<Record<string, unknown>>

export type DecodedJson =
  | {
      readonly ok: true
      /** A record, or several: an array of objects, never an empty one. */
      readonly value: JsonRecord | readonly JsonRecord[]
      /** What had to be changed to keep it; for `quality.warnings`. Empty for nearly every line. */
      readonly warnings: readonly string[]
    }
  /** `reason` says what and where, and repeats nothing of the text: it may hold what must be redacted. */
  | { readonly ok: false; readonly reason: string }

const noWarnings: readonly string[] = []
const noRecord: DecodedJson = { ok: false, reason: 'JSON, but neither an object nor a list of objects' }

/** Bytes of one line for `scan`; longer lines get their own. */
const scratch = Buffer.allocUnsafe(64 * 1024)

/**
 * What a text holds, which must be well formed (as decoded UTF-8 is). Integers beyond 2^53 - 1 and numbers that
 * a double cannot hold become strings, of duplicate keys the last wins, lone surrogates in escapes become U+FFFD: each
 * with a warning. A value that is neither an object nor an array of objects, or is nested deeper than `maxRecordDepth`,
 * is not a record.
 */
export function decodeJson(text: string): DecodedJson {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return decodeCarefully(text)
  }
  if (!isRecords(value)) return noRecord
  return isUnchanged(text, value) ? { ok: true, value, warnings: noWarnings } : decodeCarefully(text)
}

function decodeCarefully(text: string): DecodedJson {
  const parsed = parseLossless(text, maxRecordDepth)
  if (!parsed.ok) return parsed
  return isRecords(parsed.value) ? { ok: true, value: parsed.value, warnings: parsed.warnings } : noRecord
}

function isRecords(value: unknown): value is JsonRecord | readonly JsonRecord[] {
  return Array.isArray(value) ? value.length > 0 && value.every(isObject) : isObject(value)
}

function isObject(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isUnchanged(text: string, value: object): boolean {
  // Writers that put a space after the first colon put one after each, and then the size proves nothing.
  const spaced = text.charCodeAt(text.indexOf(':') + 1) === 0x20
  if (!spaced && !text.includes('\\') && compactSize(value, maxRecordDepth) === text.length) return true

  const roomy = text.length * 3 <= scratch.length
  const bytes = roomy ? scratch : Buffer.from(text)
  const members = scan(bytes, roomy ? scratch.write(text) : bytes.length, maxRecordDepth)
  return members !== suspect && members !== tooDeep && members === countMembers(value)
}

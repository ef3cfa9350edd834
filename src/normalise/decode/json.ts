/**
 * JSON without silent changes. JSON.parse rounds numbers, drops duplicate keys and lets lone surrogates in, and
 * reports none of it. Nearly every line is proved unchanged at a fraction of the price of parsing it; the rest is
 * parsed again by the slow, careful `parseLossless`.
 */
import { compactSize } from './compact-size.ts'
import type { Decoded } from './decoder.ts'
import { mayWeighTooMuch, readablePart } from './leave-out.ts'
import { type Lossless, parseLossless } from './lossless.ts'
import { countMembers, scan, suspect, tooDeep } from './scan.ts'

/** Levels of objects and arrays in a record. Beyond that it is kept as unreadable. */
export const maxRecordDepth = 200

type JsonRecord = Readonly<Record<string, unknown>>

const noWarnings: readonly string[] = []
const noRecord: Decoded = { ok: false, reason: 'JSON, but neither an object nor a list of objects' }
const noMember: Lossless = { ok: false, reason: 'JSON, but neither an object nor a list' }

/** Bytes of one line for `scan`; longer lines get their own. */
const scratch = Buffer.allocUnsafe(64 * 1024)

/**
 * What a text holds, which must be well formed (as decoded UTF-8 is). Integers beyond 2^53 - 1 and numbers that
 * a double cannot hold become strings, of duplicate keys the last wins, lone surrogates in escapes become U+FFFD: each
 * with a warning. A value that is neither an object nor an array with one, or is nested deeper than `maxRecordDepth`,
 * is not a record. Of one that would take too much memory, heavy members are left out, or it is no record.
 */
export function decodeJson(text: string): Decoded {
  if (!mayWeighTooMuch(text)) return decodeWhole(text)
  const readable = readablePart(text, maxRecordDepth)
  if (!readable.ok) return readable
  const decoded = decodeWhole(readable.text)
  if (!decoded.ok || readable.text === text) return decoded
  return { ...decoded, warnings: [...readable.warnings, ...decoded.warnings], partial: true }
}

function decodeWhole(text: string): Decoded {
  const parsed = parseJson(text, maxRecordDepth)
  if (!parsed.ok) return { ok: false, reason: parsed.reason }
  return isRecords(parsed.value) ? (parsed as Decoded) : noRecord
}

/** A text within a record, likewise: any object or array, at most `maxDepth` levels deep, and none that has to be read in part. */
export function decodeJsonMember(text: string, maxDepth: number): Lossless {
  const readable = readablePart(text, maxDepth)
  if (!readable.ok) return readable
  if (readable.text !== text) return { ok: false, reason: readable.warnings[0] ?? '' }
  const parsed = parseJson(text, maxDepth)
  return !parsed.ok || (typeof parsed.value === 'object' && parsed.value !== null) ? parsed : noMember
}

function parseJson(text: string, maxDepth: number): Lossless {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return parseLossless(text, maxDepth)
  }
  if (typeof value !== 'object' || value === null || isUnchanged(text, value, maxDepth)) {
    return { ok: true, value, warnings: noWarnings }
  }
  return parseLossless(text, maxDepth)
}

function isRecords(value: unknown): value is JsonRecord | readonly unknown[] {
  return Array.isArray(value) ? value.some(isObject) : isObject(value)
}

function isObject(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isUnchanged(text: string, value: object, maxDepth: number): boolean {
  // Writers that put a space after the first colon put one after each, and then the size proves nothing.
  const spaced = text.charCodeAt(text.indexOf(':') + 1) === 0x20
  if (!spaced && !text.includes('\\') && compactSize(value, maxDepth) === text.length) return true

  const roomy = text.length * 3 <= scratch.length
  const bytes = roomy ? scratch : Buffer.from(text)
  const members = scan(bytes, roomy ? scratch.write(text) : bytes.length, maxDepth)
  return members !== suspect && members !== tooDeep && members === countMembers(value)
}

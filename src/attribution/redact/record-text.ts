/**
 * The record as it came, for the events that keep it, without what was taken out of them. JSON is taken apart, redacted
 * like an event and written anew; any other text is searched for fields as texts write them, for patterns, and for the
 * very values that the event has lost. Where one of those cannot be found, since the mapping made it of several or
 * translated it, the text cannot be cleaned, and is not kept. Nor is it where the rules took less out of it than out of the
 * event, since it spells the same in another way: as hex digits, with escapes, in other letters.
 */
import { isUtf8 } from 'node:buffer'
import type { RulesForOne } from './compile.ts'
import { hasEscapes, unescaped } from './escapes.ts'
import { maxValues } from './notes.ts'
import { redactFree } from './redact-free.ts'
import { maskedValue } from './rule.ts'
import { findTexts, type PartialRule, scan } from './scanner.ts'
import type { Walk } from './walk.ts'

/** What a text says. */
export interface DecodedText {
  readonly record: object
  /** Whether the record is all that it says. */
  readonly isExact: boolean
}

/** Undefined for what is no JSON. */
export type Decode = (text: string) => DecodedText | undefined

/** Undefined: nothing of it can be kept. */
export function recordText(
  bytes: Uint8Array,
  decode: Decode,
  rules: RulesForOne,
  walk: Walk,
): Uint8Array | undefined {
  const { notes } = walk
  // Where only what is named stays, nothing of a text is named.
  if (rules.otherwise !== undefined || notes.untraceable) return undefined
  // Bytes that are no text still have ASCII in them: as Latin-1 every byte is a character, and comes back as it was.
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1'
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding)
  const decoded = decode(text)
  const redacted = decoded === undefined ? plainText(text, rules, walk) : jsonText(text, decoded, rules, walk)
  if (redacted === undefined || !hasTakenAll(redacted, decoded !== undefined, walk)) return undefined
  return redacted === text ? bytes : Buffer.from(redacted, encoding)
}

/**
 * Whether all that the event has lost was taken out of the text, too. Parts of one as parts of another, since where a value
 * ends is another question within a longer text; short ones may be part of anything.
 */
function hasTakenAll(redacted: string, isJson: boolean, { notes, parts }: Walk): boolean {
  // Of any other text, fields were searched for already.
  const lost = isJson ? [...notes.parts, ...notes.fields] : [...notes.parts]
  if (lost.length === 0) return true
  if (notes.matched.size > maxValues) return false
  const left = notes.matched.size === 0 ? [] : spellings(redacted)
  const isLeft = (part: string) => part.length >= shortestPart && left.some((text) => hasWhole(text, part))
  if ([...notes.matched].some((part) => isLeft(part.toLowerCase()))) return false
  const forms = [...parts].flatMap(spellings)
  const exactly = new Set(forms)
  const all = forms.join('\0')
  const others = lost.map((part) => part.toLowerCase()).filter((part) => !exactly.has(part))
  return (
    others.length <= maxValues && others.every((part) => part.length >= shortestPart && all.includes(part))
  )
}

const shortestPart = 4

/** As it stands in a text, and not within a longer word or number. */
function hasWhole(text: string, part: string): boolean {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    if (!/\w/.test(text[at - 1] ?? '') && !/\w/.test(text[at + part.length] ?? '')) return true
  }
  return false
}

/** In small letters, with its escapes and without. */
function spellings(part: string): string[] {
  const forms = [part.toLowerCase()]
  if (hasEscapes(part)) forms.push(unescaped(part).text.toLowerCase())
  if (part.includes('\\')) forms.push(part.replaceAll(/\\(.)/gs, '$1').toLowerCase())
  return forms
}

function plainText(text: string, rules: RulesForOne, walk: Walk): string | undefined {
  const { notes, everywhere, hash } = walk
  if (notes.untraceableFields) return undefined
  const values = longestFirst([...notes.values, ...notes.fields])
  if (!values.every((value) => findTexts([value])(text).length > 0)) return undefined
  const readable = withoutEscapes(text)
  const scanned = scan(readable, [...everywhere, ...rules.inText, ...literal(values)], hash)
  if (scanned === undefined) return text
  for (const part of scanned.taken) walk.parts.add(part)
  for (const { method, rule } of scanned.hits) notes.add(method, rule, [])
  // What a rule drops from a text is the text.
  return scanned.text
}

function jsonText(
  text: string,
  { record, isExact }: DecodedText,
  rules: RulesForOne,
  walk: Walk,
): string | undefined {
  const values = longestFirst([...walk.notes.values])
  const missing = new Set(values)
  forEachText(record, (each) => {
    for (const value of missing) if (findTexts([value])(each).length > 0) missing.delete(value)
  })
  if (missing.size > 0) return undefined
  const everywhere = [...walk.everywhere, ...literal(values)]
  const redacted = redactFree(record, rules.record, true, undefined, {
    ...walk,
    everywhere,
    unordered: () => {},
  })
  // Of a text that says more than its record, as with a key that it has twice, only the record is known.
  if (redacted === record && isExact) return text
  return redacted === undefined ? undefined : JSON.stringify(redacted)
}

/** What the event lost has no name here: it is masked. */
const literal = (values: readonly string[]): PartialRule[] =>
  values.length === 0 ? [] : [{ method: 'mask', finds: [{ rule: maskedValue, find: findTexts(values) }] }]

/** A value may be part of another. */
const longestFirst = (values: readonly string[]): string[] => values.toSorted((a, b) => b.length - a.length)

function forEachText(value: unknown, look: (text: string) => void): void {
  if (typeof value === 'string') look(value)
  else if (typeof value === 'number') look(String(value))
  else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      if (!Array.isArray(value)) look(key)
      forEachText(each, look)
    }
  }
}

/** Letters, digits and signs that JSON wrote as escapes, for no reason or to hide: patterns see them as they are. */
function withoutEscapes(text: string): string {
  if (!text.includes('\\u00')) return text
  return text.replaceAll(/\\u00([2-7][0-9a-fA-F])/g, (written, code: string) => {
    const character = String.fromCharCode(Number.parseInt(code, 16))
    return /[A-Za-z0-9@._+:%-]/.test(character) ? character : written
  })
}

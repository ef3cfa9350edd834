/**
 * RFC 8785 (JSON Canonicalization Scheme). ECMAScript's string escapes and number format are the RFC's, so those
 * are left to the engine. What the engine gets wrong is everything else: it moves integer-like keys to the front,
 * writes 1e400 as null, drops what it cannot write, and lets lone surrogates pass.
 *
 * The string is built from sorted keys and never from a rebuilt object, since `__proto__` and integer-like keys do
 * not survive an assignment in order.
 */
import { keyOrder } from './key-order.ts'

/**
 * Levels of objects and arrays that are written. Above the decoder's limit, because an event wraps the record in
 * a few levels of its own; far below what would exhaust the stack.
 */
export const maxCanonicalDepth = 256

export interface CanonicalOptions {
  /** Called for each string or key with lone surrogates; they are written as U+FFFD. */
  readonly onLoneSurrogate?: () => void
}

/**
 * The canonical JSON text of plain data: null, booleans, finite numbers, strings, arrays, and objects by their own
 * enumerable members; members that are undefined are left out. Throws a TypeError for what JSON cannot say
 * (NaN, infinities, bigints, functions, undefined in an array) and a RangeError beyond `maxCanonicalDepth`.
 */
export function canonicalize(value: unknown, options: CanonicalOptions = {}): string {
  return write(value, 0, options)
}

function write(value: unknown, depth: number, options: CanonicalOptions): string {
  switch (typeof value) {
    case 'string':
      return writeString(value, options)
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`JSON has no number ${value}`)
      return String(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (depth === maxCanonicalDepth) {
        throw new RangeError(`the value is nested deeper than ${maxCanonicalDepth} levels`)
      }
      return Array.isArray(value)
        ? writeArray(value, depth + 1, options)
        : writeObject(value, depth + 1, options)
    default:
      throw new TypeError(`JSON has no ${typeof value}`)
  }
}

/** Strings up to this length are looked through here: for short ones a call to JSON.stringify costs more. */
const shortString = 64

function writeString(text: string, options: CanonicalOptions): string {
  return text.length <= shortString && isPlain(text) ? `"${text}"` : escapeString(text, options)
}

/** Whether JSON needs no escape for it: no quote, backslash, control character, nor any surrogate, paired or not. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit <= 0xdfff)) return false
  }
  return true
}

function escapeString(text: string, options: CanonicalOptions): string {
  if (text.isWellFormed()) return JSON.stringify(text)
  options.onLoneSurrogate?.()
  return JSON.stringify(text.toWellFormed())
}

function writeArray(items: readonly unknown[], depth: number, options: CanonicalOptions): string {
  if (items.length === 0) return '[]'
  let text = `[${write(items[0], depth, options)}`
  for (let i = 1; i < items.length; i++) text += `,${write(items[i], depth, options)}`
  return `${text}]`
}

function writeObject(object: object, depth: number, options: CanonicalOptions): string {
  const order = keyOrder(Object.keys(object))
  if (order === undefined) return writeRepaired(object, depth, options)
  const members = object as Readonly<Record<string, unknown>>
  const { sorted, texts } = order
  let text = ''
  for (let i = 0; i < sorted.length; i++) {
    const value = members[sorted[i]!]
    if (value === undefined) continue
    text += `${text === '' ? '{' : ','}${texts[i]}${write(value, depth, options)}`
  }
  return text === '' ? '{}' : `${text}}`
}

/** Keys that differ only in their lone surrogates become the same one: the last wins, as with any duplicate. */
function writeRepaired(object: object, depth: number, options: CanonicalOptions): string {
  const members = new Map<string, unknown>()
  for (const [key, value] of Object.entries(object)) {
    if (!key.isWellFormed()) options.onLoneSurrogate?.()
    if (value !== undefined) members.set(key.toWellFormed(), value)
  }
  const text = [...members.keys()]
    .sort()
    .map((key) => `${JSON.stringify(key)}:${write(members.get(key), depth, options)}`)
  return `{${text.join(',')}}`
}

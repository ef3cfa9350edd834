/**
 * What a table with patterns makes of a value, told by its bytes: values of one class are treated alike, so that they
 * share a stencil. `system:serviceaccount:*` takes thousands of names, and decides the same for each.
 */
import { patternOf } from '../mapping/table.ts'

/** The class of a value that decides by itself. */
export const alone = -1

/** A class from 0, or `alone`. */
export type SlotClass = (bytes: Uint8Array, from: number, to: number) => number

export interface CountedClass {
  readonly of: SlotClass
  /** How many classes there are, `alone` not among them. */
  readonly count: number
}

interface Affix {
  readonly end: boolean
  readonly text: Uint8Array
}

/**
 * Undefined for a table whose patterns bytes do not tell. Exact keys are not its concern: they are tried before the
 * patterns, here as there.
 */
export function slotClass(keys: readonly string[], ignoreCase: boolean): SlotClass | undefined {
  const affixes: Affix[] = []
  let numeric = false
  for (const key of keys) {
    const pattern = patternOf(key)
    if (pattern === undefined) continue
    if (pattern.kind === 'numbers') {
      numeric = true
      continue
    }
    if (/[^ !#-[\]-~]/.test(pattern.text)) return undefined
    const text = ignoreCase ? pattern.text.toLowerCase() : pattern.text
    affixes.push({ end: pattern.kind === 'end', text: Buffer.from(text) })
  }
  const needsAscii = affixes.some(({ end, text }) => text.length > 0 && (ignoreCase || end))
  return (bytes, from, to) => {
    if (numeric && mayBeNumber(bytes[from]!)) return alone
    // Other cases than ASCII's, and escapes at an end, are not told by bytes.
    if (needsAscii && !isAsciiWithoutEscapes(bytes, from, to)) return alone
    for (let i = 0; i < affixes.length; i++) {
      const { end, text } = affixes[i]!
      if (to - from < text.length) continue
      if (hasAt(bytes, end ? to - text.length : from, text, ignoreCase)) return i + 1
    }
    return 0
  }
}

/**
 * Whole numbers from `min` to `max`, as they are written without a sign or a zero too many: what is read as such a number is
 * written as it stood there, whether it stood there as a number or as a text.
 */
export function integerClass(min: number, max: number): SlotClass {
  return (bytes, from, to) => {
    const first = bytes[from]!
    if (to - from > 10 || to === from || (first === 0x30 && to - from > 1)) return alone
    let value = 0
    for (let at = from; at < to; at++) {
      const digit = bytes[at]! - 0x30
      if (digit < 0 || digit > 9) return alone
      value = value * 10 + digit
    }
    return value >= min && value <= max ? 0 : alone
  }
}

/** Whether JavaScript could read a number from a text that begins like this: digits, a sign, a point, Infinity, blanks. */
function mayBeNumber(first: number): boolean {
  return (
    first <= 0x20 || first >= 0x7f || (first >= 0x2b && first <= 0x39) || first === 0x49 || first === 0x5c
  )
}

function isAsciiWithoutEscapes(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! >= 0x80 || bytes[at] === 0x5c) return false
  return true
}

function hasAt(bytes: Uint8Array, at: number, text: Uint8Array, ignoreCase: boolean): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[at + i]!
    const folded = ignoreCase && byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
    if (folded !== text[i]) return false
  }
  return true
}

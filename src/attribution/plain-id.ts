/**
 * Ids that are told from secrets by their bytes alone, without a text being made of them: nearly all. It stands for
 * `looksSecret` (secret-forms.ts), which is asked about the others.
 */
import { shortestRun } from './secret-forms.ts'

const word = 1
const hex = 2
const kinds = new Uint8Array(256)
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_')
  kinds[character.charCodeAt(0)]! |= word
for (const character of '0123456789ABCDEFabcdef:-') kinds[character.charCodeAt(0)]! |= hex

/** The first two characters of every token that is of letters, digits and underscores alone. */
const tokenStarts = [
  'AI',
  'AT',
  'FQ',
  'Fw',
  'IQ',
  'MC',
  'MH',
  'MI',
  'dc',
  'do',
  'gh',
  'gi',
  'gl',
  'hf',
  'np',
  'rk',
  'sh',
  'sk',
  'wh',
]
const starts = new Set(tokenStarts.map((start) => (start.charCodeAt(0) << 8) | start.charCodeAt(1)))

/** True: no secret. False: it takes a look at the text. */
export function isPlainId(bytes: Uint8Array, from: number, to: number): boolean {
  let common = word | hex
  for (let at = from; at < to; at++) {
    common &= kinds[bytes[at]!]!
    if (common === 0) return false
  }
  // Hex digits, or UUIDs.
  if ((common & hex) !== 0) return true
  return to - from < shortestRun && (to - from < 2 || !starts.has((bytes[from]! << 8) | bytes[from + 1]!))
}

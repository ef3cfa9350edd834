/** What routes may set at a sink: values come from events, and events from strangers. */
import { z } from 'zod'

/** Patterns of allowed values: `*` stands for any run of characters. */
export const allowedValues = () =>
  z
    .array(z.string().min(1).max(256))
    .min(1)
    .max(1000)
    .describe('Values that routes may set; `*` matches any text')

export function isAllowed(value: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matches(value, pattern))
}

/** Linear in both: the pieces between stars are looked for from left to right. */
function matches(value: string, pattern: string): boolean {
  const pieces = pattern.split('*')
  if (pieces.length === 1) return value === pattern
  const first = pieces[0]!
  const last = pieces.at(-1)!
  if (!value.startsWith(first) || value.length < first.length + last.length || !value.endsWith(last))
    return false
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= value.length - last.length
}

/**
 * The cheapest proof that JSON.parse changed nothing: the text has exactly the length of what it parsed to.
 *
 * Take valid JSON without a backslash. Its length is the sum of: the keys and strings of the parsed value (without
 * escapes they are as long as in the text), its punctuation, its numbers as they were written, white space, and what
 * duplicates lost (at least five characters each). `compactSize` is that sum for no white space, no duplicates and
 * every number in ECMAScript's own form. A number can be written shorter than ECMAScript writes it only by an
 * exponent: 1e3, 1e-3. Those values, and all that a double may not hold, make `compactSize` NaN. So no term can
 * make up for another, and equal lengths mean that each of them is nothing.
 */

/** The length of a number in ECMAScript's form, NaN where that proves nothing. */
function numberSize(value: number): number {
  if (Number.isInteger(value)) {
    // A multiple of 1000 may have been an exponent's; 1e400 is Infinity here, and no integer.
    if (value !== 0 && value % 1000 === 0) return Number.NaN
    if (value >= 0 && value < 1000) return value < 10 ? 1 : value < 100 ? 2 : 3
    return Number.isSafeInteger(value) ? String(value).length : Number.NaN
  }
  // 0.01 is the smallest that no exponent shortens (1e-2); sixteen characters hold fifteen digits, which survive.
  if (Math.abs(value) < 0.01 || !Number.isFinite(value)) return Number.NaN
  const length = String(value).length
  return length > 16 ? Number.NaN : length
}

function memberSize(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value === 'number') return numberSize(value)
  if (value === true || value === null) return 4
  if (value === false) return 5
  return compactSize(value as object, depth)
}

/**
 * The length of `value` (as JSON.parse made it) as compact JSON, `depth` more levels deep at most; NaN where this
 * length would prove nothing.
 */
export function compactSize(value: object, depth: number): number {
  if (depth === 0) return Number.NaN
  if (Array.isArray(value)) {
    let size = value.length === 0 ? 2 : value.length + 1
    for (const item of value) size += memberSize(item, depth - 1)
    return size
  }
  const object = value as Readonly<Record<string, unknown>>
  let size = 1
  for (const key in object) size += key.length + 4 + memberSize(object[key], depth - 1)
  return size === 1 ? 2 : size
}

/** Whether a JSON number survives being a double. */

/** A decimal number as its digits, without zeros at either end, times a power of ten. Zero has no digits. */
interface Decimal {
  readonly digits: string
  readonly exponent: number
}

const zero = 0x30

function decimal(text: string): Decimal {
  const e = text.search(/[eE]/)
  const mantissa = e < 0 ? text : text.slice(0, e)
  const point = mantissa.indexOf('.')
  const fraction = point < 0 ? 0 : mantissa.length - point - 1
  const all = mantissa.replace('.', '').replace('-', '')
  // Loops, because the obvious expressions for this are quadratic in the zeros that a sender can write.
  let start = 0
  while (all.charCodeAt(start) === zero) start++
  let end = all.length
  while (end > start && all.charCodeAt(end - 1) === zero) end--
  return {
    digits: all.slice(start, end),
    exponent: (e < 0 ? 0 : Number(text.slice(e + 1))) - fraction + (all.length - end),
  }
}

/**
 * Whether the double that JSON.parse makes of this number text is written with the same decimal value again, and, if
 * whole, is one that no other integer shares (up to 2^53 - 1). False for 9007199254740993, 1e400, 1e-400 and for
 * fractions with more digits than a double keeps. The sign of a zero is no part of its value.
 */
export function survivesAsDouble(text: string): boolean {
  const value = Number(text)
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return false
  if (!Number.isFinite(value)) return false
  const written = String(value)
  if (written === text) return true
  const before = decimal(text)
  const after = decimal(written)
  return before.digits === after.digits && (before.digits === '' || before.exponent === after.exponent)
}

/**
 * Values that stand in a line as RFC 8785 would write them: their bytes are their canonical bytes.
 */

/** 1 for each byte that stands for itself in a string. */
export const isContent = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === 0x22 || byte === 0x5c ? 0 : 1,
)

/**
 * Where a string's closing quote is; -1 when it has a control character, an escape that RFC 8785 would write in another
 * way, or no end.
 */
export function stringEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!
    if (byte === 0x22) return at
    if (byte === 0x5c || byte < 0x20) return escapedEnd(bytes, at, end)
  }
  return -1
}

/** The same from the first byte on that is not simply content: apart from it, since most strings have none. */
function escapedEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!
    if (byte === 0x22) return at
    if (byte < 0x20) return -1
    if (byte === 0x5c) {
      const length = escapeLength(bytes, at + 1)
      if (length === 0) return -1
      at += length
    }
  }
  return -1
}

/**
 * Where a string ends in a text that is JSON within a string: at the backslash of its closing quote. -1 for what
 * `stringEnd` has none of. An escape in it has its own backslash, and a quote, escaped once more.
 */
export function nestedStringEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  for (;;) {
    while (at < end && isContent[bytes[at]!] === 1) at++
    if (at + 1 >= end || bytes[at] !== 0x5c) return -1
    if (bytes[at + 1] === 0x22) return at
    const length = nestedEscapeLength(bytes, at, end)
    if (length === 0) return -1
    at += length
  }
}

/** Writes the string as it would stand there by itself; returns where it then ends. */
export function writeUnnested(
  bytes: Uint8Array,
  from: number,
  end: number,
  out: Uint8Array,
  to: number,
): number {
  let at = from
  let written = to
  while (at < end) {
    // What stands behind one is never the beginning of another: it was escaped itself.
    if (bytes[at] === 0x5c) at++
    out[written++] = bytes[at++]!
  }
  return written
}

/** Of the escape that begins at `at`; 0 for one that would not stand there as RFC 8785 writes it. */
function nestedEscapeLength(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at + 1] !== 0x5c || at + 2 >= end) return 0
  const letter = bytes[at + 2]
  // A quote, or a backslash: both were escaped.
  if (letter === 0x5c) return bytes[at + 3] === 0x22 || bytes[at + 3] === 0x5c ? 4 : 0
  if (letter === 0x22) return 0
  const length = escapeLength(bytes, at + 2)
  return length === 0 || at + 2 + length > end ? 0 : 2 + length
}

/** Bytes of a canonical escape behind its backslash; 0 for any other. */
function escapeLength(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case 0x22: // "
    case 0x5c:
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 1
    case 0x75: {
      // Control characters that have no letter of their own, in lower case: \u0000 to \u001f.
      if (bytes[at + 1] !== 0x30 || bytes[at + 2] !== 0x30) return 0
      const high = bytes[at + 3]!
      const low = bytes[at + 4]!
      if (high !== 0x30 && high !== 0x31) return 0
      if (!isDigit(low) && !(low >= 0x61 && low <= 0x66)) return 0
      return high === 0x30 && hasLetter.has(low) ? 0 : 5
    }
    default:
      return 0
  }
}

/** Last digits of the codes of \b, \t, \n, \f and \r. */
const hasLetter = new Set([0x38, 0x39, 0x61, 0x63, 0x64])

/** Significant digits that a double always keeps. */
const maxDigits = 15
/** More zeros behind the point, and ECMAScript writes an exponent. */
const maxLeadingZeros = 5

/**
 * Where a number ends that stands there as RFC 8785 writes it: at most 15 digits, no exponent, no zero too many.
 * -1 for any other.
 */
export function plainNumberEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  const negative = bytes[at] === 0x2d
  if (negative) at++
  const whole = at
  while (at < end && isDigit(bytes[at]!)) at++
  const wholeDigits = at - whole
  const zero = wholeDigits === 1 && bytes[whole] === 0x30
  if (wholeDigits === 0 || wholeDigits > maxDigits || (bytes[whole] === 0x30 && !zero)) return -1
  if (at < end && bytes[at] === 0x2e) {
    const fraction = ++at
    while (at < end && isDigit(bytes[at]!)) at++
    const digits = at - fraction
    if (digits === 0 || wholeDigits + digits > maxDigits || bytes[at - 1] === 0x30) return -1
    let zeros = 0
    while (bytes[fraction + zeros] === 0x30) zeros++
    if (zero && zeros > maxLeadingZeros) return -1
  } else if (zero && negative) return -1
  // An exponent, or anything else that makes it another number.
  if (at < end && (bytes[at] === 0x65 || bytes[at] === 0x45 || bytes[at] === 0x2e)) return -1
  return at
}

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39

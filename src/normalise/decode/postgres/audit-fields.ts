/**
 * Finds the columns of a pgAudit message in bytes, where they are plain: as `readAuditMessage` takes them. Quotes of the
 * row stand there as the text around it writes them.
 */
import { auditColumns, classes } from './audit-message.ts'

export const auditBeginning = Buffer.from('AUDIT: ')
const kinds = ['SESSION', 'OBJECT'].map((text) => Buffer.from(text))
const plainClasses = classes.filter((name) => name !== 'ROLE').map((text) => Buffer.from(text))
/** Statements of these are read for what they name. */
const readStatements = ['SET', 'RESET'].map((text) => Buffer.from(text))
const none = Buffer.from('<none>')

/** Columns that a message of pgAudit has in any case, and never in quotes. */
const unquoted = 4

const comma = 0x2c
const quote = 0x22
const backslash = 0x5c

/** 1 for bytes that stand for themselves in a text of JSON. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== quote && byte !== backslash ? 1 : 0,
)

export class AuditFields {
  /** Which columns the message has, one bit each. */
  found = 0
  /** `[from, to)` of each of them. */
  readonly places = new Int32Array(2 * auditColumns.length)
  readonly #quote: Uint8Array
  readonly #hasEscapes: boolean

  /** @param quoted a quote, as the text around the message writes it: where that is JSON, other escapes stay as they are */
  constructor(quoted: '"' | '""' | '\\"') {
    this.#quote = Buffer.from(quoted)
    this.#hasEscapes = this.#quote[0] === backslash
  }

  /** Whether the message has nothing but plain columns, which are then in `places`. */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    const { places } = this
    this.found = 0
    let count = 0
    let at = start + auditBeginning.length
    for (let column = 0; column < auditColumns.length && at <= end; column++) {
      let from = at
      let to: number
      if (column >= unquoted && hasAt(bytes, at, end, this.#quote)) {
        from += this.#quote.length
        to = this.#end(bytes, from, end, 0)
        if (!hasAt(bytes, to, end, this.#quote)) return false
        at = to + this.#quote.length
        if (at < end && bytes[at] !== comma) return false
      } else {
        const isLast = column === auditColumns.length - 1
        to = this.#end(bytes, from, end, isLast ? 0 : comma)
        if (to < end ? isLast || bytes[to] !== comma : column < unquoted) return false
        at = to
      }
      at++
      if (!isAllowed(column, bytes, from, to)) return false
      if (to === from || (to - from === none.length && hasAt(bytes, from, to, none))) continue
      this.found |= 1 << column
      places[2 * count] = from
      places[2 * count + 1] = to
      count++
    }
    return count >= unquoted
  }

  /** Where a value ends: at a quote, the comma that would stop it, or the end. */
  #end(bytes: Uint8Array, from: number, end: number, stop: number): number {
    let at = plainEnd(bytes, from, end, stop)
    if (!this.#hasEscapes) return at
    while (at + 1 < end && bytes[at] === backslash && bytes[at + 1] !== quote)
      at = plainEnd(bytes, at + 2, end, stop)
    return at
  }
}

/** Whether a column is what it has to be, and nothing that a statement is read for. */
function isAllowed(column: number, bytes: Uint8Array, from: number, to: number): boolean {
  switch (column) {
    case 0:
      return isOneOf(kinds, bytes, from, to)
    case 1:
    case 2:
      return isNumber(bytes, from, to)
    case 3:
      return isOneOf(plainClasses, bytes, from, to)
    case 4:
      return !isOneOf(readStatements, bytes, from, to)
    default:
      return true
  }
}

/** Where the first byte is that is not plain, or is `stop`. */
export function plainEnd(bytes: Uint8Array, from: number, end: number, stop = 0): number {
  let at = from
  while (at < end && isPlain[bytes[at]!] === 1 && bytes[at] !== stop) at++
  return at
}

export function hasAt(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  if (at + text.length > end) return false
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false
  return true
}

export function isOneOf(texts: readonly Uint8Array[], bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i]!
    if (text.length === to - from && hasAt(bytes, from, to, text)) return true
  }
  return false
}

function isNumber(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! < 0x30 || bytes[at]! > 0x39) return false
  return to > from
}

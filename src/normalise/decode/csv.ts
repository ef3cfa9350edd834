/**
 * Comma-separated values, one record a line: RFC 4180, with columns that the mapping names. A quote within a field that
 * does not begin with one is a character like any other. Everything is text; a quoted field may hold newlines.
 *
 * A file is also read from its middle on, so its first line cannot name the columns. With `header`, a line that holds just
 * their names is known for what it is, wherever it stands: files are rotated, and appended to each other.
 */
import { mostWeight } from '../../event/record-weight.ts'
import { setMember } from '../set-member.ts'
import type { Decode, Decoder } from './decoder.ts'
import { characterOption, namesOption, onlyOptions, truthOption } from './options.ts'

const noWarnings: readonly string[] = []

/** Where fields go that no column is for. */
const extra = 'extra'

/** `{ columns: [time, user], header: true, delimiter: ';', quote: "'" }`. @throws Error that says what is wrong with the options */
export function createCsvDecoder(options: Readonly<Record<string, unknown>>): Decoder {
  onlyOptions(options, ['columns', 'header', 'delimiter', 'quote'])
  const columns = namesOption(options, 'columns')
  const hasHeader = truthOption(options, 'header')
  const delimiter = characterOption(options, 'delimiter', ',')
  const quote = characterOption(options, 'quote', '"')
  if (delimiter === quote || /[\r\n]/.test(delimiter + quote)) {
    throw new Error('`delimiter` and `quote` are two characters, and none of them a newline')
  }
  if (columns.includes(extra)) throw new Error(`\`columns\` has ${extra}, which is where surplus fields go`)
  const decode = csvDecode(columns, delimiter, quote)
  return { decode: hasHeader ? withHeader(decode) : decode, joining: { kind: 'quotes', delimiter, quote } }
}

/** A record whose values are the names of its members is the header. */
function withHeader(decode: Decode): Decode {
  return (text) => {
    const decoded = decode(text)
    if (!decoded.ok || decoded.warnings.length > 0) return decoded
    for (const [name, value] of Object.entries(decoded.value)) {
      // Nearly always: another text stands where the first name would.
      if (typeof value !== 'string' || value.trim() !== name) return decoded
    }
    return { ...decoded, isHeader: true }
  }
}

function csvDecode(columns: readonly string[], delimiter: string, quote: string): Decode {
  const recordOf = compileRecord(columns)
  return (text) => {
    const fields = splitFields(text, delimiter, quote)
    if (typeof fields === 'string') return { ok: false, reason: fields }
    if (fields.length === columns.length) return { ok: true, value: recordOf(fields), warnings: noWarnings }
    const value: Record<string, unknown> = {}
    const count = Math.min(fields.length, columns.length)
    for (let i = 0; i < count; i++) setMember(value, columns[i]!, fields[i])
    if (fields.length > columns.length) value[extra] = fields.slice(columns.length)
    const warning = `csv: ${fields.length} fields where there are ${columns.length} columns`
    return { ok: true, value, warnings: [warning] }
  }
}

/**
 * An object from the fields of a whole row. As one literal: setting twenty members one by one takes several times as long.
 * Names enter the code as string literals, in brackets since a plain `__proto__` would set the prototype.
 */
function compileRecord(columns: readonly string[]): (fields: readonly string[]) => Record<string, unknown> {
  const members = columns.map((name, i) => {
    const key = JSON.stringify(name)
    return `${name === '__proto__' ? `[${key}]` : key}: fields[${i}]`
  })
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('fields', `'use strict'; return { ${members.join(', ')} }`) as ReturnType<
    typeof compileRecord
  >
}

const tooMany = `csv: more than ${mostWeight} fields`

/** The fields of a record, or why they cannot be told. */
export function splitFields(text: string, delimiter: string, quote: string): string[] | string {
  // Nearly always: nothing is quoted.
  if (!text.includes(quote)) {
    const fields = text.split(delimiter, mostWeight + 1)
    return fields.length > mostWeight ? tooMany : fields
  }
  const fields: string[] = []
  for (let at = 0; ; at++) {
    if (fields.length === mostWeight) return tooMany
    let end: number
    if (text[at] === quote) {
      end = closingQuote(text, at, quote)
      if (end === text.length) return `csv: the quoted field ${fields.length + 1} has no end`
      const inner = text.slice(at + 1, end)
      fields.push(inner.includes(quote) ? inner.replaceAll(quote + quote, quote) : inner)
      end++
      if (end < text.length && text[end] !== delimiter) {
        return `csv: something stands behind the closing quote of field ${fields.length}`
      }
    } else {
      end = text.indexOf(delimiter, at)
      if (end < 0) end = text.length
      fields.push(text.slice(at, end))
    }
    if (end >= text.length) return fields
    at = end
  }
}

/** Where the quote at `from` is closed; two quotes are one of the field's. The text's length where it is not. */
function closingQuote(text: string, from: number, quote: string): number {
  let at = from + 1
  for (;;) {
    at = text.indexOf(quote, at)
    if (at < 0) return text.length
    if (text[at + 1] !== quote) return at
    at += 2
  }
}

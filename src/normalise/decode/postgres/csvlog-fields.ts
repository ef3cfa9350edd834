/** Finds the columns of a line of csvlog, and those of pgAudit's message in it: as `decodePostgresCsv` takes them. */
import { type FieldFinder, type FieldPath, noLayout } from '../field-finder.ts'
import { Layouts } from '../layouts.ts'
import { AuditFields, auditBeginning, hasAt, isOneOf, plainEnd } from './audit-fields.ts'
import { auditColumns } from './audit-message.ts'
import { csvColumns, fewestColumns } from './csvlog.ts'
import { errors, ofOthers } from './entry.ts'
import { isZoneKept } from './zone-words.ts'

const quote = 0x22
const comma = 0x2c
const colon = 0x3a

const columnOf = (name: string) => (csvColumns as readonly string[]).indexOf(name)
const message = columnOf('message')
const connection = columnOf('connection_from')
const severity = columnOf('error_severity')
const times = [columnOf('timestamp'), columnOf('session_start')]
/** What a message has that is none of pgAudit's. */
const othersBits = ofOthers.reduce((bits, name) => bits | (1 << columnOf(name)), 0)
const errorNames = errors.map((text) => Buffer.from(text))
/** Behind the bits of columns: the address had a port, the message is one of pgAudit. */
const portBit = 1 << csvColumns.length
const auditBit = 1 << (csvColumns.length + 1)
const mostPortDigits = 5

export class CsvlogFields implements FieldFinder {
  readonly places = new Int32Array(2 * (csvColumns.length + 1 + auditColumns.length))
  readonly #layouts = new Layouts()
  readonly #audit = new AuditFields('""')
  #found = 0
  #count = 0

  find(bytes: Uint8Array, start: number, end: number): number {
    this.#found = 0
    this.#count = 0
    let isError = false
    let column = 0
    for (let at = start; ; at++, column++) {
      if (column === csvColumns.length) return noLayout
      let from = at
      let to: number
      if (at < end && bytes[at] === quote) {
        from++
        to = column === message ? quotedEnd(bytes, from, end) : plainEnd(bytes, from, end)
        if (to >= end || bytes[to] !== quote) return noLayout
        at = to + 1
      } else {
        to = plainEnd(bytes, from, end, comma)
        at = to
      }
      if (at < end && bytes[at] !== comma) return noLayout
      if (to > from) {
        if (column === severity) isError = isOneOf(errorNames, bytes, from, to)
        if (!this.#take(column, bytes, from, to)) return noLayout
      }
      if (at >= end) break
    }
    if (column + 1 < fewestColumns) return noLayout
    const isAudit = (this.#found & auditBit) !== 0
    if (isAudit && (isError || (this.#found & othersBits) !== 0)) return noLayout
    return this.#layouts.of(this.#found, isAudit ? this.#audit.found : 0)
  }

  pathsOf(layout: number): readonly FieldPath[] {
    const { first, second } = this.#layouts.at(layout)
    return csvColumns.flatMap((name, column): FieldPath[] => {
      if ((first & (1 << column)) === 0) return []
      if (column === connection)
        return (first & portBit) === 0 ? [['remote_host']] : [['remote_host'], ['remote_port']]
      if (column !== message || (first & auditBit) === 0) return [[name]]
      return auditColumns.flatMap((inner, i) => ((second & (1 << i)) === 0 ? [] : [['audit', inner]]))
    })
  }

  #take(column: number, bytes: Uint8Array, from: number, to: number): boolean {
    this.#found |= 1 << column
    if (column === message) return this.#takeMessage(bytes, from, to)
    if (column === connection) return this.#takeConnection(bytes, from, to)
    this.#add(from, to)
    return !times.includes(column) || isZoneKept(bytes, from, to)
  }

  #takeMessage(bytes: Uint8Array, from: number, to: number): boolean {
    if (!hasAt(bytes, from, to, auditBeginning)) {
      this.#add(from, to)
      return plainEnd(bytes, from, to) === to
    }
    if (!this.#audit.find(bytes, from, to)) return false
    this.#found |= auditBit
    const { places, found } = this.#audit
    for (let i = 0, bits = found; bits !== 0; bits &= bits - 1, i += 2) this.#add(places[i]!, places[i + 1]!)
    return true
  }

  /** `192.0.2.7:54321`, `[local]`: the last colon is the port's. */
  #takeConnection(bytes: Uint8Array, from: number, to: number): boolean {
    let digits = to
    while (digits > from && isDigit(bytes[digits - 1]!)) digits--
    const hasPort =
      digits > from && bytes[digits - 1] === colon && to > digits && to - digits <= mostPortDigits
    this.#add(from, hasPort ? digits - 1 : to)
    if (!hasPort) return true
    this.#found |= portBit
    this.#add(digits, to)
    return digits - 1 > from
  }

  #add(from: number, to: number): void {
    this.places[2 * this.#count] = from
    this.places[2 * this.#count + 1] = to
    this.#count++
  }
}

/** Where the quotes are closed; two are one of the field's. */
function quotedEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  for (;;) {
    while (at < end && bytes[at] !== quote) at++
    if (at + 1 >= end || bytes[at + 1] !== quote) return at
    at += 2
  }
}

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39

/** Finds the values of a line of PostgreSQL's log as text, where it is a single one and plain: as `decodeStderr` takes them. */
import { type FieldFinder, type FieldPath, isPlainAscii, noLayout } from '../field-finder.ts'
import { Layouts } from '../layouts.ts'
import { NameLists } from '../name-lists.ts'
import { AuditFields, auditBeginning, hasAt, plainEnd } from './audit-fields.ts'
import { auditColumns } from './audit-message.ts'
import { errors } from './entry.ts'
import { begin, severityLabels } from './labelled-line.ts'
import type { LinePrefix } from './line-prefix.ts'
import { isZoneKept } from './zone-words.ts'

/** Behind the bits of pgAudit's columns: the message is one of pgAudit's. */
const auditBit = 1 << auditColumns.length
const mostNames = 32

export class StderrFields implements FieldFinder {
  readonly places = new Int32Array(2 * (mostNames + auditColumns.length))
  readonly #prefixes: readonly LinePrefix[]
  readonly #layouts = new Layouts()
  readonly #names = new NameLists()
  readonly #audit = new AuditFields('"')

  constructor(prefixes: readonly LinePrefix[]) {
    this.#prefixes = prefixes
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    // Then a character is a byte, and a line of several is left to the decoder.
    if (!isPlainAscii.test(text)) return noLayout
    const begun = begin(text, severityLabels, this.#prefixes)
    if (begun === undefined || begun.rest === '') return noLayout
    const { entry, label, rest } = begun
    const names = Object.keys(entry)
    if (names.length > mostNames - 2) return noLayout
    let count = 0
    for (const name of names) {
      const value = entry[name] as string
      const from = start + text.indexOf(value)
      if (!isKept(name, bytes, from, from + value.length)) return noLayout
      count = this.#add(count, from, from + value.length)
    }
    const message = end - rest.length
    const labelEnd = message - labelBehind
    count = this.#add(count, labelEnd - label.length, labelEnd)
    names.push('error_severity')
    const audit = this.#message(count, bytes, message, end)
    if (audit < 0 || (audit !== 0 && errors.includes(label))) return noLayout
    const list = this.#names.of(names)
    return list < 0 ? noLayout : this.#layouts.of(list, audit)
  }

  pathsOf(layout: number): readonly FieldPath[] {
    const { first, second } = this.#layouts.at(layout)
    const paths = this.#names.at(first).map((name) => [name])
    if ((second & auditBit) === 0) return [...paths, ['message']]
    return [
      ...paths,
      ...auditColumns.flatMap((name, i) => ((second & (1 << i)) === 0 ? [] : [['audit', name]])),
    ]
  }

  /** Which columns the message has; 0 where it is none of pgAudit's, -1 where it is not plain. */
  #message(count: number, bytes: Uint8Array, from: number, end: number): number {
    if (!hasAt(bytes, from, end, auditBeginning)) {
      this.#add(count, from, end)
      return plainEnd(bytes, from, end) === end ? 0 : -1
    }
    if (!this.#audit.find(bytes, from, end)) return -1
    this.places.set(this.#audit.places, 2 * count)
    return auditBit | this.#audit.found
  }

  #add(count: number, from: number, to: number): number {
    this.places[2 * count] = from
    this.places[2 * count + 1] = to
    return count + 1
  }
}

/** `:  ` */
const labelBehind = 3

const isTime = (name: string) => name === 'timestamp' || name === 'session_start'

function isKept(name: string, bytes: Uint8Array, from: number, to: number): boolean {
  return to > from && plainEnd(bytes, from, to) === to && (!isTime(name) || isZoneKept(bytes, from, to))
}

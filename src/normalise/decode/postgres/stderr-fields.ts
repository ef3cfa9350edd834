/** Finds the values of a line of PostgreSQL's log as text, where it is a single one and plain: as `decodeStderr` takes them. */
import { type FieldFinder, type FieldPath, noLayout } from '../field-finder.ts'
import { Layouts } from '../layouts.ts'
import { NameLists } from '../name-lists.ts'
import { AuditFields, auditBeginning, hasAt, isOneOf, plainEnd } from './audit-fields.ts'
import { auditColumns } from './audit-message.ts'
import { errors } from './entry.ts'
import { mostLabels, severities } from './labelled-line.ts'
import type { LinePrefix } from './line-prefix.ts'
import { noPrefix, PrefixPlaces, unsure } from './prefix-places.ts'
import { isZoneKept } from './zone-words.ts'

/** Behind the bits of pgAudit's columns: the message is one of pgAudit's. */
const auditBit = 1 << auditColumns.length
const mostNames = 32

export class StderrFields implements FieldFinder {
  readonly places = new Int32Array(2 * (mostNames + auditColumns.length))
  /** In the order that they are tried in; undefined for one that only the decoder reads. */
  readonly #prefixes: readonly (PrefixPlaces | undefined)[]
  readonly #layouts = new Layouts()
  readonly #names = new NameLists()
  readonly #audit = new AuditFields('"')

  constructor(prefixes: readonly LinePrefix[]) {
    this.#prefixes = prefixes.map((prefix) => PrefixPlaces.for(prefix))
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    let looked = 0
    for (let at = start; at + labelBehind < end; at++) {
      if (bytes[at] !== colon || bytes[at + 1] !== space || bytes[at + 2] !== space) continue
      if (++looked > mostLabels) return noLayout
      let from = at
      while (from > start && isOfLabel(bytes[from - 1]!)) from--
      if (isOneOf(labels, bytes, from, at)) return this.#find(bytes, start, from, at, end)
    }
    return noLayout
  }

  /** With the label from `from` to `to`. */
  #find(bytes: Uint8Array, start: number, from: number, to: number, end: number): number {
    const { places } = this
    for (let i = 0; i < this.#prefixes.length; i++) {
      const prefix = this.#prefixes[i]
      const count = prefix === undefined ? unsure : prefix.find(bytes, start, from, places)
      if (count === unsure) return noLayout
      if (count === noPrefix) continue
      const { names } = prefix!
      for (let n = 0; n < count; n++)
        if (!isKept(names[n]!, bytes, places[2 * n]!, places[2 * n + 1]!)) return noLayout
      this.#add(count, from, to)
      names[count] = 'error_severity'
      names.length = count + 1
      const audit = this.#message(count + 1, bytes, to + labelBehind, end)
      if (audit < 0 || (audit !== 0 && isOneOf(errorNames, bytes, from, to))) return noLayout
      const list = this.#names.of(names)
      return list < 0 ? noLayout : this.#layouts.of(list, audit)
    }
    return noLayout
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

const colon = 0x3a
const space = 0x20
/** `:  ` */
const labelBehind = 3
const labels = severities.map((text) => Buffer.from(text))
const errorNames = errors.map((text) => Buffer.from(text))

const isOfLabel = (byte: number) => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39)

const isTime = (name: string) => name === 'timestamp' || name === 'session_start'

function isKept(name: string, bytes: Uint8Array, from: number, to: number): boolean {
  return to > from && plainEnd(bytes, from, to) === to && (!isTime(name) || isZoneKept(bytes, from, to))
}

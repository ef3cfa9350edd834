/** Finds the values of a line of jsonlog, and the columns of pgAudit's message in it: as `decodePostgresJson` takes them. */
import { JsonLines, type LineShape } from '../../stencil/json-lines.ts'
import { type FieldFinder, type FieldPath, noLayout } from '../field-finder.ts'
import { Layouts } from '../layouts.ts'
import { AuditFields, auditBeginning, hasAt, isOneOf } from './audit-fields.ts'
import { auditColumns } from './audit-message.ts'
import { errors, ofOthers } from './entry.ts'
import { isZoneKept } from './zone-words.ts'

/** Behind the bits of pgAudit's columns: the message is one of pgAudit's. */
const auditBit = 1 << auditColumns.length
const errorNames = errors.map((text) => Buffer.from(text))

interface KnownLine {
  /** Slots of the record itself; -1 for what it has not. */
  readonly message: number
  readonly severity: number
  readonly times: readonly number[]
  readonly paths: readonly FieldPath[]
  /** It has members that a message of pgAudit has not. */
  readonly isOfOthers: boolean
}

export class JsonlogFields implements FieldFinder {
  readonly places = new Int32Array(512 + 2 * auditColumns.length)
  readonly #layouts = new Layouts()
  readonly #lines = new JsonLines()
  readonly #audit = new AuditFields('\\"')
  readonly #known: (KnownLine | undefined)[] = []

  find(bytes: Uint8Array, start: number, end: number): number {
    const line = this.#lines.shapeOf(bytes, start, end)
    if (line === undefined) return noLayout
    const known = this.#known[line.number] ?? this.#lookAt(line)
    const { slots } = this.#lines
    for (const slot of known.times)
      if (!isZoneKept(bytes, slots[2 * slot]!, slots[2 * slot + 1]!)) return noLayout
    const { message } = known
    const isAudit = message >= 0 && hasAt(bytes, slots[2 * message]!, slots[2 * message + 1]!, auditBeginning)
    this.#keep(slots, known.paths.length, isAudit ? message : -1)
    if (!isAudit) return this.#layouts.of(line.number, 0)
    if (known.isOfOthers || this.#isError(known, bytes)) return noLayout
    if (!this.#audit.find(bytes, slots[2 * message]!, slots[2 * message + 1]!)) return noLayout
    this.places.set(this.#audit.places, 2 * (known.paths.length - 1))
    return this.#layouts.of(line.number, auditBit | this.#audit.found)
  }

  pathsOf(layout: number): readonly FieldPath[] {
    const { first, second } = this.#layouts.at(layout)
    const { paths, message } = this.#known[first]!
    if ((second & auditBit) === 0) return paths
    const columns = auditColumns.flatMap((name, i) => ((second & (1 << i)) === 0 ? [] : [['audit', name]]))
    return [...paths.filter((_, slot) => slot !== message), ...columns]
  }

  /** All places but one. */
  #keep(slots: Int32Array, count: number, without: number): void {
    const { places } = this
    let at = 0
    for (let slot = 0; slot < count; slot++) {
      if (slot === without) continue
      places[at++] = slots[2 * slot]!
      places[at++] = slots[2 * slot + 1]!
    }
  }

  #isError({ severity }: KnownLine, bytes: Uint8Array): boolean {
    const { slots } = this.#lines
    return severity >= 0 && isOneOf(errorNames, bytes, slots[2 * severity]!, slots[2 * severity + 1]!)
  }

  #lookAt({ number, shape }: LineShape): KnownLine {
    const slotOf = (name: string) =>
      shape.slots.findIndex(({ kind, path }) => kind === 'string' && path.length === 1 && path[0] === name)
    const known = {
      message: slotOf('message'),
      severity: slotOf('error_severity'),
      times: [slotOf('timestamp'), slotOf('session_start')].filter((slot) => slot >= 0),
      paths: shape.slots.map(({ path }) => path),
      isOfOthers: ofOthers.some((name) => shape.members.has(name)) || shape.members.has('audit'),
    }
    this.#known[number] = known
    return known
  }
}

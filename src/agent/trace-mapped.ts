/**
 * What of a record became what of its event, for `affiant show`. The record is read from its file and is not redacted: of a
 * field that an event has lost in one member, nothing is shown in any row, nor of what is in it or around it; and where
 * there are rules, nothing that the event does not say itself.
 */
import type { AuditEvent } from '../event/audit-event.ts'
import type { Explained } from '../normalise/compile/state.ts'
import { memberTypes } from '../normalise/mapping/targets.ts'

export interface MappedRow {
  readonly source: string
  readonly value: unknown
  readonly target: string
  readonly result: unknown
}

const taken = '***'

export function mappedRows(
  explained: readonly Explained[],
  record: object,
  event: AuditEvent,
  hasRules: boolean,
): readonly MappedRow[] {
  const isRedacted = hasRules || event.redactions !== undefined
  const rows = explained.map(({ source, target, value }) => {
    const results = valuesAt(event, target.split('.'))
    const isLost = isRedacted && !results.some((result) => isSame(result, value))
    return { source, target, value, results, steps: stepsOf(source), isLost }
  })
  const lost = rows.filter(({ isLost }) => isLost).map(({ steps }) => steps)
  const said = isRedacted ? JSON.stringify(event).toLowerCase() : ''
  return rows
    .map(({ source, target, value, results, steps }) => {
      const isLost = lost.some((other) => isWithin(steps, other) || isWithin(other, steps))
      const written = at(record, steps) ?? value
      const isSaid =
        !isRedacted || isHarmless(target, written) || leavesOf(written).every((leaf) => said.includes(leaf))
      const result = results[0] ?? (isLost ? taken : value)
      return { source, target, value: isLost || !isSaid ? taken : written, result }
    })
    .toSorted((a, b) => rank(a.target) - rank(b.target))
}

/** A word, a flag or a small number. */
const plainWord = /^(?:[a-z]{1,16}|\d{1,3})$/i

/** What an event says in other words: its times, and what is one of a few, of which a record's word can be no secret. */
function isHarmless(target: string, written: unknown): boolean {
  const kind = Object.hasOwn(memberTypes, target) ? memberTypes[target]?.kind : undefined
  return kind === 'time' || (kind === 'enum' && plainWord.test(String(written)))
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const isWithin = (inner: readonly string[], outer: readonly string[]): boolean =>
  outer.every((step, i) => inner[i] === step)

/** Every value in it as JSON writes it within an event, in small letters. */
function leavesOf(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leavesOf)
  return [(JSON.stringify(value) ?? '').replaceAll(/^"|"$/g, '').toLowerCase()]
}

/** Every value at a member, of each element where lists are on the way. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (path.length === 0) return value === undefined ? [] : [value]
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, path))
  if (typeof value !== 'object' || value === null) return []
  // A free-form member's name may have dots.
  return path.flatMap((_, i) => {
    const name = path.slice(0, i + 1).join('.')
    return Object.hasOwn(value, name) ? valuesAt(Reflect.get(value, name), path.slice(i + 1)) : []
  })
}

/** Who did what to what, and how it ended, before the rest. */
const reading = ['actor', 'delegation', 'credential', 'action', 'targets', 'outcome', 'time']

function rank(target: string): number {
  const at = reading.findIndex((member) => target === member || target.startsWith(`${member}.`))
  return at < 0 ? reading.length : at
}

/** Of a dotted path with `[0]` for elements. */
const stepsOf = (path: string): readonly string[] => path.split(/[.[\]]+/).filter((step) => step !== '')

function at(value: unknown, steps: readonly string[]): unknown {
  let current = value
  for (const step of steps) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined
    current = Reflect.get(current, step)
  }
  return current
}

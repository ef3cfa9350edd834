/** Which of the answers that its category requires an event does not give. */
import type { AuditEvent } from '../event/audit-event.ts'
import { categories } from '../event/vocabulary.ts'
import { didYouMean, isMember } from './member-names.ts'

/** Required members by category; `default` for categories without an entry. */
export type Requirements = Readonly<Record<string, readonly string[]>>

/** Anything with the members of an event. */
export interface Attributable {
  readonly category?: string | undefined
}

export type Attribution = AuditEvent['attribution']

type Check = (event: object) => boolean

const complete: Attribution = Object.freeze({ complete: true })

/** What an event has when nothing was known: such a member is as good as absent. */
const unknownValues: Readonly<Record<string, string>> = {
  action: 'unknown',
  'actor.type': 'unknown',
  'outcome.result': 'unknown',
}

/** Members that a requirement may name; the last part may be below a free-form member. */
const requirable =
  /^(?:action|actor|category|changes|credential|delegation|integrity|message|metadata|operation|outcome|request|scope|session|severity|source|source_event_id|targets)(?:\.[^.]+)*$/

/** What is wrong with a required member's name, or undefined. */
export function requirementProblem(member: string): string | undefined {
  if (requirable.test(member) && isMember(member)) return undefined
  const guess = didYouMean(member, (name) => requirable.test(name))
  return `${JSON.stringify(member)} is no member that a record can fill${guess}`
}

/** Checks compiled once per receiver. Results are shared objects: read, never write. */
export function compileCompleteness(require: Requirements): (event: Attributable) => Attribution {
  const fallback = compileCategory(require.default ?? [])
  const byCategory = new Map<string | undefined, (event: object) => Attribution>()
  for (const category of categories) {
    const members = Object.hasOwn(require, category) ? require[category] : undefined
    byCategory.set(category, members === undefined ? fallback : compileCategory(members))
  }
  return (event) => (byCategory.get(event.category) ?? fallback)(event)
}

function compileCategory(members: readonly string[]): (event: object) => Attribution {
  const checks = members.map((member): [string, Check] => [member, compileCheck(member)])
  /** By the set of absent members, as bits: the lists are few and shared. */
  const results = new Map<number, Attribution>([[0, complete]])
  return (event) => {
    let absent = 0
    for (let i = 0; i < checks.length; i++) if (!checks[i]![1](event)) absent += 2 ** i
    let result = results.get(absent)
    if (result === undefined) {
      const missing = checks.filter(([, has]) => !has(event)).map(([member]) => member)
      result = Object.freeze({ complete: false, missing })
      results.set(absent, result)
    }
    return result
  }
}

function compileCheck(member: string): Check {
  const [first = '', second, ...rest] = member.split('.')
  const unknown = unknownValues[member]
  const has = (value: unknown) =>
    value !== undefined &&
    value !== null &&
    value !== unknown &&
    !(Array.isArray(value) && value.length === 0)
  if (second === undefined) return (event) => has(get(event, first))
  if (rest.length === 0) return (event) => has(get(get(event, first), second))
  return (event) => has(rest.reduce(get, get(get(event, first), second)))
}

/** A member of an object, or of every element of a list. */
function get(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) {
    return value.every((item: unknown) => get(item, key) !== undefined) ? value : undefined
  }
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

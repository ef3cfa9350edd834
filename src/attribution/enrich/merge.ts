/**
 * Adding to an event without taking anything from it.
 *
 * Invariants: what the producer said stays; where an enricher says otherwise, the member is listed as a conflict. What
 * was added is listed too. Of two enrichers the first one counts. Members stay in canonical order.
 */
import type { Additions, Members } from './contract.ts'

/** What came of an event's enrichers; absent lists are empty. */
export interface Enriched {
  /** Members that were added, in the order in which they were. */
  enriched: string[] | undefined
  /** Members that the producer filled, and an enricher would have filled otherwise. */
  conflicts: string[] | undefined
  /** Texts that must not stay in the event. */
  secrets: string[] | undefined
  warnings: string[] | undefined
}

/** What an event has when nothing was known: such a member is as good as absent. */
const unknownValues: Readonly<Record<string, string>> = {
  action: 'unknown',
  'actor.type': 'unknown',
  category: 'other',
  operation: 'other',
  'outcome.result': 'unknown',
}

export function addTo(event: Members, additions: Additions, result: Enriched): void {
  for (let i = 0; i < additions.length; i++) {
    const { member, path, value } = additions[i]!
    if (member === 'scope') addScope(event, value as readonly ScopeLevel[], result)
    else if (path.length === 1) {
      const present = event[member]
      if (present === undefined || present === unknownValues[member]) {
        event[member] = value
        note(result, 'enriched', member)
      } else compare(present, value, member, result)
    } else {
      const [first = '', ...rest] = path
      event[first] = addBelow(event[first], rest, 0, value, member, result)
    }
  }
}

/** The group with the value in it; the group as it was where that has one already. */
function addBelow(
  group: unknown,
  path: readonly string[],
  at: number,
  value: unknown,
  member: string,
  result: Enriched,
): unknown {
  const name = path[at]!
  const members = isObject(group) ? group : undefined
  if (group !== undefined && members === undefined) return group
  const present = members !== undefined && Object.hasOwn(members, name) ? members[name] : undefined
  if (at < path.length - 1) {
    const inner = addBelow(present, path, at + 1, value, member, result)
    return inner === present ? group : withMember(members, name, inner)
  }
  if (present !== undefined && present !== unknownValues[member]) {
    if (!isObject(present) || !isObject(value)) {
      compare(present, value, member, result)
      return group
    }
    const whole = fillObject(present, value, member, result)
    return whole === present ? group : withMember({ ...members }, name, whole)
  }
  note(result, 'enriched', member)
  return withMember(members, name, value)
}

/** Both describe one thing, a place or a pod, where all that both say agrees: then one fills what the other leaves empty. */
function fillObject(present: Members, value: Members, member: string, result: Enriched): Members {
  const names = Object.keys(value)
  const differing = names.filter((name) => filled(present, name) && !agrees(present[name], value[name]))
  for (const name of differing) conflict(result, `${member}.${name}`)
  if (differing.length > 0) return present
  const empty = names.filter((name) => !filled(present, name))
  if (empty.length === 0) return present
  let object: Members = { ...present }
  for (const name of empty) {
    note(result, 'enriched', `${member}.${name}`)
    object = withMember(object, name, value[name])
  }
  return object
}

const filled = (object: Members, name: string): boolean =>
  Object.hasOwn(object, name) && object[name] !== undefined

interface ScopeLevel {
  readonly id?: string
  readonly name?: string
  readonly type: string
}

/**
 * Levels that the event does not have yet, by their type. They go before those that it has (they are what its producer
 * could not know of: the organisation, the account), or right behind the last one that both have.
 */
function addScope(event: Members, levels: readonly ScopeLevel[], result: Enriched): void {
  const scope = [...((event.scope ?? []) as readonly ScopeLevel[])]
  let at = 0
  for (const level of levels) {
    const found = scope.findIndex(({ type }) => type === level.type)
    if (found < 0) {
      scope.splice(at, 0, level)
      note(result, 'enriched', `scope.${level.type}`)
      at++
    } else {
      const known = scope[found]!
      const differs = (['id', 'name'] as const).some(
        (name) => known[name] !== undefined && level[name] !== undefined && known[name] !== level[name],
      )
      if (differs) conflict(result, `scope.${level.type}`)
      at = found + 1
    }
  }
  event.scope = scope
}

function compare(present: unknown, value: unknown, member: string, result: Enriched): void {
  if (!agrees(present, value)) conflict(result, member)
}

/** What an earlier enricher said is no word of the producer's: the first one counts, and nothing is in conflict. */
function conflict(result: Enriched, member: string): void {
  const isAdded = result.enriched?.some((added) => added === member || member.startsWith(`${added}.`))
  if (isAdded !== true) note(result, 'conflicts', member)
}

/** Of objects what both have must be the same. */
function agrees(present: unknown, value: unknown): boolean {
  if (Array.isArray(present) && Array.isArray(value)) {
    return present.length === value.length && present.every((item, i) => agrees(item, value[i]))
  }
  if (isObject(present) && isObject(value)) {
    return Object.keys(value).every((key) => present[key] === undefined || agrees(present[key], value[key]))
  }
  return present === value
}

export function note(result: Enriched, list: keyof Enriched, member: string): void {
  const noted = result[list]
  if (noted === undefined) result[list] = [member]
  else if (!noted.includes(member)) noted.push(member)
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same object where it has a place for the member already, as a mapping's groups often do. */
function withMember(members: Members | undefined, name: string, value: unknown): Members {
  if (members === undefined) return { [name]: value }
  if (Object.hasOwn(members, name)) {
    members[name] = value
    return members
  }
  const entries = Object.entries(members).filter(([key]) => key !== name)
  const before = entries.findIndex(([key]) => key > name)
  entries.splice(before < 0 ? entries.length : before, 0, [name, value])
  return Object.fromEntries(entries)
}

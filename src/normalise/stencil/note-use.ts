/** What a mapping's candidate does with the value that it takes. */
import { isTransformed } from '../compile/emit-value.ts'
import { createTimeReader } from '../compile/time-format.ts'
import type { Candidate } from '../mapping/mapping.ts'
import { patternOf } from '../mapping/table.ts'
import type { TargetType } from '../mapping/targets.ts'
import { addressClass } from './address-class.ts'
import { slotMatch, unmatchedClass } from './match-class.ts'
import { integerClass, slotClass } from './slot-class.ts'
import type { SlotUse } from './slot-use.ts'
import { TableKeys } from './table-keys.ts'

/** Numbers that may be as large as this (ports) differ from line to line; smaller ones (severities) are few. */
const manyIntegers = 65_535

export interface TakenAs {
  readonly type: TargetType
  readonly zone: string | undefined
  /** The member's value is compared with something. */
  readonly isHeldAgainst: boolean
  /** There are values that must not be copied into the member. */
  readonly isGuarded: boolean
}

/** Whether the value is taken as it is, whatever it is. */
export function isCopied(candidate: Candidate, { kind }: TargetType): boolean {
  const isTaken = candidate.table === undefined && !isTransformed(candidate)
  return isTaken && (kind === 'text' || kind === 'texts' || kind === 'any')
}

/** Adds it to what is known of the value. */
export function noteUse(
  use: SlotUse,
  candidate: Candidate,
  { type, zone, isHeldAgainst, isGuarded }: TakenAs,
): void {
  const { table, time } = candidate
  const isAddress = type.kind === 'address'
  if (isAddress) noteAddress(use, isHeldAgainst)
  if (isOnlyMatched(candidate, type) && !isHeldAgainst)
    noteMatch(use, candidate.match, isGuarded || isAddress)
  else if (candidate.match !== undefined && candidate.trim === undefined)
    use.classes.push({ of: unmatchedClass(candidate.match), count: 1 })
  else if (isTransformed(candidate)) use.exact = true
  else if (table !== undefined) noteTable(use, table)
  else if (isAddress || isCopied(candidate, type)) return
  else if (type.kind === 'integer' && type.max >= manyIntegers && !isHeldAgainst) {
    use.classes.push({ of: integerClass(type.min, type.max), count: 1 })
  } else if (
    type.kind === 'enum' ||
    type.kind === 'integer' ||
    type.kind === 'number' ||
    type.kind === 'boolean'
  ) {
    use.exact = true
  } else noteTime(use, time, zone)
}

interface Matched extends Candidate {
  readonly match: NonNullable<Candidate['match']>
}

/** Whether a text takes what a regular expression finds, and nothing else is done to it. */
function isOnlyMatched(candidate: Candidate, { kind }: TargetType): candidate is Matched {
  const { match, trim, split, case: letters, table, time } = candidate
  const others = [trim, split, letters, table, time]
  return match !== undefined && isText(kind) && others.every((step) => step === undefined)
}

/** Whichever address it is, it is copied. */
function noteAddress(use: SlotUse, isHeldAgainst: boolean): void {
  if (isHeldAgainst) use.exact = true
  else if (!use.classes.includes(addressClass)) use.classes.push(addressClass)
}

/** What is found in a text is one, also where anything may be; whether it is an address, its class tells where it is all of it. */
const isText = (kind: TargetType['kind']): boolean => kind === 'text' || kind === 'any' || kind === 'address'

function noteMatch(use: SlotUse, match: Matched['match'], isGuarded: boolean): void {
  const noted = slotMatch(match, !isGuarded)
  if (!use.matches.some(({ form }) => form === noted.form)) use.matches.push(noted)
}

function noteTime(use: SlotUse, time: Candidate['time'], zone: string | undefined): void {
  const formats = time?.formats ?? ['auto']
  const form = JSON.stringify([formats, time?.zone ?? zone ?? null])
  if (use.time === undefined) {
    use.timeForm = form
    use.time = createTimeReader(formats, time?.zone ?? zone)
  } else if (use.timeForm !== form) {
    // Two readers for one path: rare, and not worth two holes.
    use.exact = true
  }
}

function noteTable(use: SlotUse, { entries, ignoreCase }: NonNullable<Candidate['table']>): void {
  const keys = Object.keys(entries)
  const patterns = keys.filter((key) => patternOf(key) !== undefined)
  // What `*` alone takes is any value.
  if (patterns.some((key) => key !== '*')) {
    const known = slotClass(patterns, ignoreCase)
    if (known === undefined) use.exact = true
    else use.classes.push({ of: known, count: patterns.length + 1 })
  }
  for (const key of keys) {
    if (patterns.includes(key)) continue
    if (/[^\0-\x7f]/.test(key)) use.exact = true
    // A case-sensitive table's keys are folded too: a value that only looks like one decides for nothing.
    use.keys ??= new TableKeys()
    use.keys.add(key)
  }
}

/**
 * Takes out of an event what the rules say, at every member and of every type, and keeps it valid: what the schema
 * requires is masked where it would be dropped, a word becomes the one that says nothing, a number that cannot be
 * masked is left out. What was changed is copied: parts of an event may be constants, or still belong to the record.
 */
import { eventMembers, type Member, type Members } from './members.ts'
import { redactFree } from './redact-free.ts'
import { maskedValue, replacement } from './rule.ts'
import { firstOf, type State, type WholeRule } from './states.ts'
import { partialText, type Walk } from './walk.ts'

/** Changes the event's members in place. */
export function redactEvent(event: Record<string, unknown>, walk: Walk): void {
  const redacted = membersOf(event, eventMembers, walk.rules.root, false, undefined, walk)
  if (redacted !== undefined && redacted !== event) Object.assign(event, redacted)
}

type Values = Readonly<Record<string, unknown>>

/**
 * An object of known members; undefined when nothing is left of it.
 * `forced` is a rule for the whole of which this is a part.
 */
function membersOf(
  values: Values,
  members: Members,
  state: State,
  allowed: boolean,
  forced: WholeRule | undefined,
  walk: Walk,
): Values | undefined {
  let copy: Record<string, unknown> | undefined
  let left = 0
  for (const key of Object.keys(values)) {
    const value = values[key]
    if (value === undefined) continue
    const member = members[key]
    if (member === undefined || member.kind === 'fixed') {
      left++
      continue
    }
    walk.trail.push(key)
    const redacted = memberOf(value, member, state.to(key), allowed, forced, walk)
    walk.trail.pop()
    if (redacted !== undefined) left++
    if (redacted === value) continue
    copy ??= { ...values }
    copy[key] = redacted
  }
  return left === 0 ? undefined : (copy ?? values)
}

function memberOf(
  value: unknown,
  member: Exclude<Member, { kind: 'fixed' }>,
  state: State,
  above: boolean,
  forcedAbove: WholeRule | undefined,
  walk: Walk,
): unknown {
  const forced = firstOf(forcedAbove, state.whole)
  const allowed = above || state.allowed
  const { otherwise } = walk.rules
  switch (member.kind) {
    case 'text': {
      const rule = ruleFor(forced ?? (allowed || member.required ? undefined : otherwise), member.required)
      const text =
        rule === undefined
          ? partialText(value as string, state, walk)
          : wholeText(value as string, rule, walk)
      return text ?? (member.required ? maskedValue : undefined)
    }
    case 'word':
      return forced === undefined || forced.method === 'truncate'
        ? value
        : instead(value, member.fallback, forced, walk)
    case 'plain': {
      const rule = forced ?? (allowed ? undefined : otherwise)
      if (rule === undefined) return plainPart(value, state, walk)
      return rule.method === 'truncate' ? value : instead(value, undefined, rule, walk)
    }
    case 'texts':
      return textsOf(value as readonly string[], state, allowed, forced, walk)
    case 'any':
      return redactFree(value, state, allowed, forced, walk)
    case 'free':
      return freeOf(value as Values, state, allowed, forced, walk)
    case 'object':
      return membersOf(value as Values, member.members, state, allowed, forced, walk)
    default:
      return listOf(value as readonly Values[], member, state, allowed, forced, walk)
  }
}

/** What must be there is masked where it would be dropped. */
const ruleFor = (rule: WholeRule | undefined, required: boolean): WholeRule | undefined =>
  required && rule?.method === 'drop' ? { ...rule, method: 'mask' } : rule

/** Something else in place of a whole value, noted with what really was done. */
function instead(value: unknown, other: unknown, { rule }: WholeRule, walk: Walk): unknown {
  if (value === other) return value
  walk.notes.take(value, walk.taken)
  walk.notes.add(other === undefined ? 'drop' : 'mask', rule, walk.trail)
  return other
}

function wholeText(value: string, rule: WholeRule, walk: Walk): string | undefined {
  if (walk.made.has(value)) return value
  const text = replacement(rule, value, walk.hash)
  if (text === value) return value
  walk.notes.take(value, walk.taken)
  walk.notes.add(rule.method, rule.rule, walk.trail)
  return text
}

function plainPart(value: unknown, state: State, walk: Walk): unknown {
  if (typeof value === 'boolean') return value
  const text = String(value as string | number)
  return partialText(text, state, walk) === text ? value : undefined
}

function textsOf(
  values: readonly string[],
  state: State,
  above: boolean,
  forced: WholeRule | undefined,
  walk: Walk,
): readonly string[] | undefined {
  const left = eachOf(values, state, walk, (value, at) => {
    const allowed = above || at.allowed
    const rule = firstOf(forced, at.whole) ?? (allowed ? undefined : walk.rules.otherwise)
    return rule === undefined ? partialText(value, at, walk) : wholeText(value, rule, walk)
  })
  return left.length === 0 ? undefined : left
}

/** What is left of a list: itself where that is all of it. */
function eachOf<T>(
  items: readonly T[],
  state: State,
  walk: Walk,
  redact: (item: T, state: State) => T | undefined,
): readonly T[] {
  const left = items.flatMap((item, i) => {
    walk.trail.push(i)
    const redacted = redact(item, state.to(i))
    walk.trail.pop()
    return redacted === undefined ? [] : [redacted]
  })
  return left.length === items.length && left.every((item, i) => item === items[i]) ? items : left
}

/** `metadata`, `unmapped`, `attributes`: objects they must stay, so that what is masked or hashed is each of their members. */
function freeOf(
  values: Values,
  state: State,
  allowed: boolean,
  forced: WholeRule | undefined,
  walk: Walk,
): unknown {
  const nothing = !allowed && !state.alive
  const rule = forced ?? (nothing ? walk.rules.otherwise : undefined)
  if (rule === undefined || rule.method === 'drop') return redactFree(values, state, allowed, rule, walk)
  const entries = Object.entries(values).map(([key, value]): [string, unknown] => {
    walk.trail.push(key)
    const redacted = redactFree(value, state.to(key), allowed, rule, walk)
    walk.trail.pop()
    return [key, redacted]
  })
  return Object.fromEntries(entries)
}

function listOf(
  items: readonly Values[],
  { of, required }: Extract<Member, { kind: 'list' }>,
  state: State,
  above: boolean,
  forcedAbove: WholeRule | undefined,
  walk: Walk,
): readonly Values[] | undefined {
  const { otherwise } = walk.rules
  const left = eachOf(items, state, walk, (item, at) => {
    const forced = firstOf(forcedAbove, at.whole)
    const allowed = above || at.allowed
    const named = walk.trail[0] === 'changes' ? withoutValues(item, walk) : item
    const isUnnamed = otherwise !== undefined && !allowed && !at.alive
    const rule = forced?.method === 'drop' || isUnnamed ? (forced ?? otherwise) : undefined
    return rule === undefined ? membersOf(named, of, at, allowed, forced, walk) : dropped(named, rule, walk)
  })
  return left.length === 0 && !required ? undefined : left
}

function dropped(value: unknown, { rule }: WholeRule, walk: Walk): undefined {
  walk.notes.take(value, walk.taken)
  walk.notes.add('drop', rule, walk.trail)
}

/** A change of a field whose name is redacted says which, and neither value. */
function withoutValues(change: Values, walk: Walk): Values {
  const { path } = change
  if (typeof path !== 'string') return change
  const name = path.split(/[./[\]]/).findLast((part) => part !== '')
  const rule = name === undefined ? undefined : walk.rules.record.to(name).whole
  if (rule === undefined) return change
  const sides = (['new', 'old'] as const).filter((side) => change[side] !== undefined)
  const replaced = sides.map((side): [string, unknown] => {
    walk.trail.push(side)
    const redacted = redactFree(change[side], walk.rules.record, true, rule, walk)
    walk.trail.pop()
    return [side, redacted]
  })
  return { ...change, ...Object.fromEntries(replaced) }
}

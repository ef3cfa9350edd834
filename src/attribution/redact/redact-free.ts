/** Takes out of free-form values what the rules say: of any type, at any depth, and out of the names of members too. */
import { patchedNames } from './json-patch.ts'
import { maskedValue, replacement } from './rule.ts'
import { isHidden } from './secrets.ts'
import { firstOf, type State, type WholeRule } from './states.ts'
import { note, partialText, scanText, type Walk } from './walk.ts'

type Values = Readonly<Record<string, unknown>>

/** The value itself where nothing is changed, undefined where nothing is left. */
export function redactFree(
  value: unknown,
  state: State,
  above: boolean,
  forcedAbove: WholeRule | undefined,
  walk: Walk,
): unknown {
  const forced = firstOf(forcedAbove, state.whole)
  // A secret is a text: others within the same object or list are taken out one by one.
  const within = forced?.secret === true && !isExposed(value) ? forced : undefined
  if (forced !== undefined && within === undefined) return whole(value, forced, walk)
  const allowed = above || state.allowed
  const { otherwise } = walk.rules
  const left = otherwise !== undefined && !allowed
  if (typeof value === 'object' && value !== null) {
    if (!state.alive && within === undefined) {
      if (left) return whole(value, otherwise, walk)
      if (walk.everywhere.length === 0) return value
    }
    return Array.isArray(value)
      ? items(value, state, allowed, within, walk)
      : members(value as Values, state, allowed, within, walk)
  }
  if (left) return whole(value, otherwise, walk)
  if (typeof value === 'string') return partialText(value, state, walk)
  if (typeof value !== 'number') return value
  const text = String(value)
  const redacted = partialText(text, state, walk)
  return redacted === text ? value : redacted
}

const isExposed = (value: unknown): boolean => typeof value === 'string' && !isHidden(value)

function whole(value: unknown, rule: WholeRule, walk: Walk): unknown {
  if (typeof value === 'string' && walk.made.has(value)) return value
  // Of an object or a list, each text is cut.
  if (rule.method === 'truncate') {
    if (typeof value === 'object' && value !== null) return eachCut(value, rule, walk)
    if (typeof value !== 'string' && typeof value !== 'number') return value
  }
  const redacted = replacement(rule, value, walk.hash)
  if (redacted === value || (rule.method === 'truncate' && redacted === String(value))) return value
  walk.notes.take(value, walk.taken)
  walk.notes.add(rule.method, rule.rule, walk.trail)
  return redacted
}

function eachCut(value: object, rule: WholeRule, walk: Walk): unknown {
  const cut = (key: string | number, each: unknown): unknown => {
    walk.trail.push(key)
    const redacted = whole(each, rule, walk)
    walk.trail.pop()
    return redacted
  }
  if (Array.isArray(value)) return value.map((each, i) => cut(i, each))
  return fromEntries(Object.entries(value).map(([key, each]) => [key, cut(key, each)]))
}

function items(
  values: readonly unknown[],
  state: State,
  allowed: boolean,
  forced: WholeRule | undefined,
  walk: Walk,
): unknown {
  let copy: unknown[] | undefined
  for (let i = 0; i < values.length; i++) {
    walk.trail.push(i)
    const redacted = redactFree(values[i], state.to(i), allowed, forced, walk)
    walk.trail.pop()
    if (redacted !== values[i]) copy ??= values.slice(0, i)
    if (redacted !== undefined) copy?.push(redacted)
  }
  return unlessEmptied(copy ?? values, copy?.length === 0, allowed, walk)
}

function members(
  values: Values,
  state: State,
  allowed: boolean,
  forced: WholeRule | undefined,
  walk: Walk,
): unknown {
  let copy: [string, unknown][] | undefined
  const keys = Object.keys(values)
  const patched = state.alive ? ruleOfPatch(values, state) : undefined
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    const below = state.to(key)
    const name = nameOf(key, below, walk)
    walk.trail.push(name ?? maskedValue)
    const redacted =
      name === undefined
        ? undefined
        : redactFree(values[key], below, allowed, key === 'value' ? firstOf(forced, patched) : forced, walk)
    walk.trail.pop()
    if (name !== key || redacted !== values[key])
      copy ??= keys.slice(0, i).map((each) => [each, values[each]])
    if (redacted !== undefined) copy?.push([name!, redacted])
  }
  if (copy === undefined) return values
  return unlessEmptied(fromEntries(copy, walk.unordered), copy.length === 0, allowed, walk)
}

/** What befalls the value of an operation of a JSON Patch, by the names in its path. */
function ruleOfPatch(values: Values, state: State): WholeRule | undefined {
  let at = state
  let rule: WholeRule | undefined
  for (const name of patchedNames(values) ?? []) {
    at = at.to(name)
    rule = firstOf(rule, at.whole)
  }
  return rule
}

/** Where only what is named stays, an object that nothing stays in goes too. */
function unlessEmptied(value: unknown, emptied: boolean, allowed: boolean, walk: Walk): unknown {
  return emptied && walk.rules.otherwise !== undefined && !allowed ? undefined : value
}

/** A member's name is a text too; undefined where a rule drops what has such a name. */
function nameOf(key: string, state: State, walk: Walk): string | undefined {
  const scanned = scanText(key, state, walk)
  if (scanned === undefined) return key
  walk.trail.push(scanned.text ?? maskedValue)
  note(scanned, walk)
  walk.trail.pop()
  return scanned.text
}

/** Names that became the same are told apart: no member is lost. */
function fromEntries(entries: readonly (readonly [string, unknown])[], unordered?: () => void): Values {
  const names = new Set<string>()
  const unique = entries.map(([key, value]): [string, unknown] => {
    let name = key
    for (let n = 2; names.has(name); n++) name = `${key}~${n}`
    names.add(name)
    return [name, value]
  })
  const isOrdered = unique.every(([key], i) => i === 0 || unique[i - 1]![0] < key)
  if (!isOrdered) unordered?.()
  // Not by assignment: __proto__ is a name like others.
  return Object.fromEntries(unique)
}

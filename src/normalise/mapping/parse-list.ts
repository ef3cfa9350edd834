/** Members of an event that are lists of objects: targets, hops, changes. */
import type { ValueContext } from './context.ts'
import type { ListEntry, Value } from './mapping.ts'
import { parseCondition, parsePresence } from './parse-options.ts'
import { parseValue } from './parse-value.ts'
import { parsePath } from './path.ts'
import { type At, isObject, type Raw } from './raw-mapping.ts'
import { freeType, type ListType } from './targets.ts'

export function parseList(
  raw: unknown,
  at: At,
  type: ListType,
  context: Omit<ValueContext, 'type'>,
): readonly ListEntry[] {
  const entries: unknown[] = Array.isArray(raw) ? raw : [raw]
  return entries.flatMap((entry, i) => {
    const here = Array.isArray(raw) ? [...at, i] : at
    if (isObject(entry)) return [parseEntry(entry, here, type, context)]
    context.problems.add(here, `an object belongs here, with ${Object.keys(type.members).join(', ')}`)
    return []
  })
}

const entryOptions = ['each', 'when', 'if', 'unless', 'otherwise']

function parseEntry(raw: Raw, at: At, type: ListType, context: Omit<ValueContext, 'type'>): ListEntry {
  const { problems } = context
  const each = raw.each === undefined ? undefined : parseEach(raw.each, [...at, 'each'], context)
  const inner = { ...context, base: raw.each === undefined ? context.base : ('element' as const) }
  const when = raw.when === undefined ? undefined : parseCondition(raw.when, [...at, 'when'], problems)
  if (raw.otherwise !== undefined && raw.otherwise !== true) {
    problems.add([...at, 'otherwise'], 'true, or leave it out')
  }
  const members: Record<string, Value> = {}
  const lists: Record<string, readonly ListEntry[]> = {}
  const free: Record<string, Record<string, Value>> = {}
  for (const [key, value] of Object.entries(raw)) {
    const here = [...at, key]
    if (entryOptions.includes(key)) continue
    if (Object.hasOwn(type.members, key)) {
      members[key] = parseValue(value, here, { ...inner, type: type.members[key]! })
    } else if (type.lists !== undefined && Object.hasOwn(type.lists, key)) {
      lists[key] = parseList(value, here, type.lists[key]!, inner)
    } else if (type.free?.includes(key) && isObject(value)) {
      free[key] = parseFree(value, here, inner)
    } else {
      problems.add(here, `unknown member; there are ${[...memberNames(type), ...entryOptions].join(', ')}`)
    }
  }
  return {
    ...(each === undefined ? {} : { each }),
    ...(when === undefined ? {} : { when }),
    ...parsePresence(raw, at, inner),
    ...(raw.otherwise === true ? { otherwise: true } : {}),
    members,
    lists,
    free,
  }
}

function parseFree(raw: Raw, at: At, context: Omit<ValueContext, 'type'>): Record<string, Value> {
  const values: Record<string, Value> = Object.create(null)
  for (const [name, value] of Object.entries(raw)) {
    values[name] = parseValue(value, [...at, name], { ...context, type: freeType })
  }
  return values
}

function parseEach(raw: unknown, at: At, { base, problems, under }: Omit<ValueContext, 'type'>) {
  const parsed =
    typeof raw === 'string'
      ? parsePath(raw, base, under)
      : { problem: 'a path to an array or an object belongs here' }
  if ('problem' in parsed) problems.add(at, parsed.problem)
  else if (base === 'element') problems.add(at, '`each` within `each` is not supported')
  else return parsed.path
  return undefined
}

function memberNames(type: ListType): string[] {
  return [...Object.keys(type.members), ...Object.keys(type.lists ?? {}), ...(type.free ?? [])]
}

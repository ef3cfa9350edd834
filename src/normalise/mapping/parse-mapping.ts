/** Reads a whole mapping, `extends` included, and reports everything that is wrong with it at once. */

import { nearest } from '../../cel/nearest.ts'
import { checkZone } from '../compile/time-format.ts'
import { Problems, type ValueContext } from './context.ts'
import type { ListEntry, Mapping, Value } from './mapping.ts'
import { parseDecode, parseExpand } from './parse-decode.ts'
import { parseDetect } from './parse-detect.ts'
import { parseCondition, parsePresence } from './parse-options.ts'
import { parseTests } from './parse-tests.ts'
import { parseValue } from './parse-value.ts'
import { isFixed, parsePath, type Segment } from './path.ts'
import { freeType, type ListType, listTypes, memberTypes, metadataName } from './targets.ts'

type At = readonly (string | number)[]
type Raw = Readonly<Record<string, unknown>>

const settings = [
  'name',
  'version',
  'description',
  'extends',
  'guess',
  'decode',
  'expand',
  'records',
  'zone',
  'secrets',
  'let',
  'detect',
  'tests',
]

/** Finds a preset as it was written; undefined when there is none of this name. */
export type FindPreset = (name: string) => Raw | undefined

/** The mapping, or every problem with it. */
export type ParsedMapping =
  | { readonly mapping: Mapping; readonly problems?: undefined }
  | { readonly mapping?: undefined; readonly problems: Problems['list'] }

export function parseMapping(raw: unknown, findPreset: FindPreset): ParsedMapping {
  const problems = new Problems()
  if (!isObject(raw)) {
    problems.add([], 'a mapping is an object: target → value')
    return { problems: problems.list }
  }
  const merged = extend(raw, findPreset, problems, [])
  const guesses = parseGuesses(merged.guess, findPreset, problems)
  const mapping = guesses.reduce(combine, parseMerged(merged, [], problems))
  checkVariables(
    merged,
    new Set([...Object.keys(mapping.variables), ...Object.keys(mapping.targets)]),
    [],
    problems,
  )
  return problems.list.length > 0 ? { problems: problems.list } : { mapping }
}

/** The targets of `raw` over those of what it extends. */
function extend(raw: Raw, findPreset: FindPreset, problems: Problems, chain: readonly string[]): Raw {
  if (raw.extends === undefined) return raw
  const name = raw.extends
  const base = typeof name === 'string' && !chain.includes(name) ? findPreset(name) : undefined
  if (typeof name !== 'string' || base === undefined) {
    problems.add(['extends'], `there is no preset ${JSON.stringify(name)}`)
    return raw
  }
  const under = extend(base, findPreset, problems, [...chain, name])
  const variables = { ...(isObject(under.let) ? under.let : {}), ...(isObject(raw.let) ? raw.let : {}) }
  // Examples and marks of the base are of records as the base maps them, and no others.
  return { ...under, detect: undefined, tests: undefined, ...raw, let: variables }
}

/** `guess: [{ preset: json, under: body }]`: what a preset would make of a part of the record. */
function parseGuesses(raw: unknown, findPreset: FindPreset, problems: Problems): Mapping[] {
  if (raw === undefined) return []
  const guesses: unknown[] = Array.isArray(raw) ? raw : [raw]
  return guesses.flatMap((guess, i) => {
    const at = Array.isArray(raw) ? ['guess', i] : ['guess']
    const preset = isObject(guess) && typeof guess.preset === 'string' ? findPreset(guess.preset) : undefined
    const under = isObject(guess) && typeof guess.under === 'string' ? parsePath(guess.under) : undefined
    if (preset !== undefined && under !== undefined && 'path' in under && isFixed(under.path.segments)) {
      return [parseMerged(extend(preset, findPreset, problems, []), under.path.segments, problems)]
    }
    problems.add(at, 'a guess names a `preset` that exists, and the path it is `under`')
    return []
  })
}

/** `guess` behind what `mapping` says itself. */
function combine(mapping: Mapping, guess: Mapping): Mapping {
  const both = <T>(
    own: Readonly<Record<string, readonly T[]>>,
    other: Readonly<Record<string, readonly T[]>>,
  ): Record<string, readonly T[]> => {
    const result: Record<string, readonly T[]> = { ...own }
    for (const [key, values] of Object.entries(other)) {
      result[key] = Object.hasOwn(own, key) ? [...own[key]!, ...values] : values
    }
    return result
  }
  return {
    ...mapping,
    secrets: [...new Set([...mapping.secrets, ...guess.secrets])],
    variables: { ...guess.variables, ...mapping.variables },
    targets: both(mapping.targets, guess.targets),
    lists: both(mapping.lists, guess.lists),
    metadata: both(mapping.metadata, guess.metadata),
  }
}

function parseMerged(raw: Raw, under: readonly Segment[], problems: Problems): Mapping {
  const targets: Record<string, Value> = {}
  const lists: Record<string, readonly ListEntry[]> = {}
  const metadata: Record<string, Value> = Object.create(null)
  const context = { problems, base: 'record', under, zone: parseZone(raw.zone, problems) } as const
  for (const [target, value] of Object.entries(raw)) {
    if (settings.includes(target)) continue
    const type = Object.hasOwn(memberTypes, target) ? memberTypes[target] : undefined
    const list = Object.hasOwn(listTypes, target) ? listTypes[target] : undefined
    const free = metadataName(target)
    if (type !== undefined) {
      targets[target] = parseValue(value, [target], { ...context, type })
    } else if (list !== undefined) {
      lists[target] = parseList(value, [target], list, context)
    } else if (free !== undefined) {
      metadata[free] = parseValue(value, [target], { ...context, type: freeType })
    } else {
      problems.add([target], unknownTarget(target))
    }
  }
  const mapping: Mapping = {
    decode: parseDecode(raw.decode, problems),
    expand: parseExpand(raw.expand, problems),
    secrets: parseSecrets(raw.secrets, problems),
    variables: parseVariables(raw.let, context),
    targets,
    lists,
    metadata,
    detect: parseDetect(raw.detect, problems),
    tests: parseTests(raw.tests, problems),
  }
  if (raw.records === undefined) return mapping
  const parsed = typeof raw.records === 'string' ? parsePath(raw.records) : { problem: 'a path belongs here' }
  if ('path' in parsed && isFixed(parsed.path.segments)) {
    return { ...mapping, records: { ...parsed.path, segments: parsed.path.segments } }
  }
  problems.add(['records'], 'problem' in parsed ? parsed.problem : 'a path without a filter belongs here')
  return mapping
}

function parseSecrets(raw: unknown, problems: Problems): readonly string[] {
  if (raw === undefined) return []
  if (Array.isArray(raw) && raw.every((name) => typeof name === 'string' && name !== '')) return raw
  problems.add(['secrets'], 'a list of names of fields belongs here, [] for none')
  return []
}

function parseZone(raw: unknown, problems: Problems): string | undefined {
  const problem = raw === undefined ? undefined : checkZone(raw)
  if (problem !== undefined) problems.add(['zone'], problem)
  return typeof raw === 'string' ? raw : undefined
}

function parseVariables(raw: unknown, context: Omit<ValueContext, 'type'>): Record<string, Value> {
  const { problems } = context
  const variables: Record<string, Value> = {}
  if (raw === undefined) return variables
  if (!isObject(raw)) {
    problems.add(['let'], 'variables are an object: name → value')
    return variables
  }
  for (const [name, value] of Object.entries(raw)) {
    if (!/^[a-z][a-z0-9_]*$/.test(name) || name === 'key') {
      problems.add(['let', name], 'a variable has a name of small letters, digits and _, and `key` is taken')
    } else {
      variables[name] = parseValue(value, ['let', name], { ...context, type: { kind: 'text' } })
    }
  }
  return variables
}

function parseList(
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

/** Every `$name` must be a variable or a target of this mapping; a typing error would be silent otherwise. */
function checkVariables(raw: unknown, names: ReadonlySet<string>, at: At, problems: Problems): void {
  if (typeof raw === 'string') {
    const key = at.at(-1)
    if (key === 'when' || key === 'const' || key === 'default' || key === 'match' || at.includes('table'))
      return
    for (const name of variableNames(raw)) {
      if (!names.has(name))
        problems.add(at, `$${name} is neither a variable of \`let\` nor a target of this mapping`)
    }
  } else if (typeof raw === 'object' && raw !== null) {
    const inner = 'each' in raw ? new Set([...names, 'key']) : names
    for (const [key, value] of Object.entries<unknown>({ ...raw })) {
      if (at.length > 0 || !settings.includes(key) || key === 'let') {
        checkVariables(value, inner, [...at, Array.isArray(raw) ? Number(key) : key], problems)
      }
    }
  }
}

function variableNames(text: string): string[] {
  if (/^\$[^.]/.test(text)) return [text.slice(1)]
  return [...text.matchAll(/[{|]\s*\$([A-Za-z0-9_][A-Za-z0-9_.]*)/g)].map((match) => match[1]!)
}

function memberNames(type: ListType): string[] {
  return [...Object.keys(type.members), ...Object.keys(type.lists ?? {}), ...(type.free ?? [])]
}

function unknownTarget(target: string): string {
  const below = Object.keys(memberTypes).filter((name) => name.startsWith(`${target}.`))
  if (below.length > 0) return `this has members of its own: write ${below.join(', ')}`
  const group = Object.keys(memberTypes).filter((name) => name.startsWith(`${target.split('.')[0]}.`))
  const choices =
    group.length > 0 ? group : [...Object.keys(listTypes), 'metadata.<name>', 'action', 'actor.id', '…']
  const names = [...Object.keys(memberTypes), ...Object.keys(listTypes)]
  const guess = nearest(target, names)
  const help = guess === undefined ? '' : ` Did you mean ${guess}?`
  return `audit-event/1 has no such member.${help} There are ${choices.join(', ')}`
}

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

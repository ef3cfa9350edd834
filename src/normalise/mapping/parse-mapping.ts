/** Reads a whole mapping, `extends` included, and reports everything that is wrong with it at once. */

import { checkZone } from '../compile/time-format.ts'
import { checkVariables } from './check-variables.ts'
import { Problems, type ValueContext } from './context.ts'
import { combine, extend, type FindPreset } from './extend.ts'
import type { ListEntry, Mapping, Value } from './mapping.ts'
import { parseDecode, parseExpand } from './parse-decode.ts'
import { parseDetect } from './parse-detect.ts'
import { parseList } from './parse-list.ts'
import { parseTests } from './parse-tests.ts'
import { parseValue } from './parse-value.ts'
import { isFixed, parsePath, type Segment } from './path.ts'
import { isObject, type Raw } from './raw-mapping.ts'
import { settings } from './settings.ts'
import { freeType, listTypes, memberTypes, metadataName } from './targets.ts'
import { unknownTarget } from './unknown-target.ts'

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

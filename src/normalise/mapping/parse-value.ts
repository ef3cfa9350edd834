/** Reads one value of a mapping: a path, a list of alternatives, or an object such as `{ path, table, default }`. */
import { compileCondition } from '../../cel/condition.ts'
import type { Condition } from '../../cel/contract.ts'
import { asError } from '../../errors.ts'
import { compilePattern } from '../../pattern/pattern.ts'
import { checkTimeFormat, checkZone } from '../compile/time-format.ts'
import { constantProblem } from './constant.ts'
import type { Candidate, MappingProblem, Part, Reference, Scalar, Source, Value } from './mapping.ts'
import { formatPath, type Path, parsePath, type Segment } from './path.ts'
import type { TargetType } from './targets.ts'
import { type Placeholder, parseTemplate } from './template.ts'

type At = readonly (string | number)[]

/** Collects what is wrong, so that all of it is reported at once. */
export class Problems {
  readonly list: MappingProblem[] = []

  add(path: At, message: string): void {
    this.list.push({ path, message })
  }
}

export interface ValueContext {
  readonly problems: Problems
  /** What the target takes. */
  readonly type: TargetType
  /** Where paths begin: the element within `each`. */
  readonly base: Path['base']
  /** What paths of the record are below. */
  readonly under: readonly Segment[]
  /** IANA zone of times without an offset. */
  readonly zone: string | undefined
}

const sources = ['path', 'field', 'const', 'template', 'all'] as const
const options = [
  'when',
  'if',
  'unless',
  'trim',
  'match',
  'group',
  'split',
  'part',
  'case',
  'table',
  'ignore_case',
  'default',
  'format',
  'zone',
] as const
const known: readonly string[] = [...sources, ...options]

export function parseValue(raw: unknown, at: At, context: ValueContext): Value {
  if (typeof raw === 'string') {
    const { type } = context
    if (type.kind === 'enum' && type.values.includes(raw)) {
      const path = `read from the record's ${raw} it is { path: ${raw} }`
      context.problems.add(at, `a text is a path; fixed it is { const: ${raw} }, ${path}`)
      return []
    }
    const source = parseReference(raw, at, context)
    return source === undefined ? [] : [{ source, text: raw, ...parseTimeOptions({}, at, context) }]
  }
  if (Array.isArray(raw)) {
    if (raw.length === 0) context.problems.add(at, 'an empty list of alternatives')
    return raw.flatMap((item, i) => parseValue(item, [...at, i], context))
  }
  if (typeof raw === 'object' && raw !== null) return parseObject({ ...raw }, at, context)
  context.problems.add(
    at,
    `a path, a list or an object belongs here; a fixed value is { const: ${String(raw)} }`,
  )
  return []
}

/** `user.id`, `$name`, or `$key` within `each`. */
function parseReference(text: string, at: At, context: Omit<ValueContext, 'type'>): Reference | undefined {
  if (text === '$key' && context.base === 'element') return { kind: 'key' }
  if (text.startsWith('$') && !text.startsWith('$.')) return { kind: 'variable', name: text.slice(1) }
  const parsed = parsePath(text, context.base, context.under)
  if ('path' in parsed) return { kind: 'path', path: parsed.path }
  context.problems.add(at, parsed.problem)
  return undefined
}

function parseObject(raw: Readonly<Record<string, unknown>>, at: At, context: ValueContext): Value {
  const { problems } = context
  for (const key of Object.keys(raw)) {
    if (!known.includes(key)) problems.add([...at, key], `unknown key; a value takes ${known.join(', ')}`)
  }
  const given = sources.filter((source) => raw[source] !== undefined)
  if (given.length !== 1) {
    problems.add(at, `a value needs exactly one of ${sources.join(', ')}`)
    return []
  }
  const shared = parseOptions(raw, at, context)
  const candidates = parseSources(given[0]!, raw, at, context).map(
    ({ source, text }): Candidate => ({ source, text, ...shared }),
  )
  if (raw.default === undefined) return candidates
  addProblem(context, [...at, 'default'], constantProblem(raw.default, context.type))
  const fallback: Candidate = { source: { kind: 'const', value: raw.default }, text: 'default' }
  return [...candidates, shared.when === undefined ? fallback : { ...fallback, when: shared.when }]
}

function parseSources(
  kind: (typeof sources)[number],
  raw: Readonly<Record<string, unknown>>,
  at: At,
  context: ValueContext,
): { source: Source; text: string }[] {
  const value = raw[kind]
  const here = [...at, kind]
  if (kind === 'const') {
    addProblem(context, here, constantProblem(value, context.type))
    return [{ source: { kind, value }, text: JSON.stringify(value) ?? 'const' }]
  }
  if (kind === 'all') return parseAll(value, here, context)
  const texts = kind !== 'template' && Array.isArray(value) ? value : [value]
  return texts.flatMap((text: unknown, i) => {
    const place = Array.isArray(value) ? [...here, i] : here
    if (typeof text !== 'string') {
      context.problems.add(place, 'text belongs here')
      return []
    }
    const source =
      kind === 'path'
        ? parseReference(text, place, context)
        : kind === 'template'
          ? parseTemplateSource(text, place, context)
          : parseField(text, place, context)
    return source === undefined ? [] : [{ source, text }]
  })
}

function parseAll(value: unknown, at: At, context: ValueContext): { source: Source; text: string }[] {
  if (context.type.kind !== 'texts' || !Array.isArray(value)) {
    context.problems.add(at, '`all` is a list of values, for members that are lists of texts')
    return []
  }
  const item: ValueContext = { ...context, type: { kind: 'text' } }
  const values = value.map((one: unknown, i) => parseValue(one, [...at, i], item))
  return [{ source: { kind: 'all', values }, text: 'all' }]
}

function parseTemplateSource(text: string, at: At, context: ValueContext): Source | undefined {
  const parsed = parseTemplate(text)
  if ('problem' in parsed) {
    context.problems.add(at, parsed.problem)
    return undefined
  }
  const part = (piece: string | Placeholder): Part =>
    typeof piece === 'string'
      ? piece
      : piece.alternatives.flatMap((alternative) => parseReference(alternative, at, context) ?? [])
  return {
    kind: 'template',
    parts: parsed.parts.map((piece) =>
      typeof piece === 'object' && 'optional' in piece ? { optional: piece.optional.map(part) } : part(piece),
    ),
  }
}

/** A path with computed keys: `{$noun}_id`, `{$noun}.id`. A dot separates keys, and what is computed never does. */
function parseField(text: string, at: At, context: ValueContext): Source | undefined {
  const template = parseTemplateSource(text, at, context)
  if (template?.kind !== 'template') return undefined
  const segments: Part[][] = [[]]
  for (const part of template.parts) {
    if (typeof part === 'string') {
      const [first, ...rest] = part.split('.')
      if (first !== '') segments.at(-1)!.push(first!)
      for (const next of rest) segments.push(next === '' ? [] : [next])
    } else if ('optional' in part) {
      context.problems.add(at, 'a computed path takes no optional part')
    } else {
      segments.at(-1)!.push(part)
    }
  }
  if (segments.some((segment) => segment.length === 0) || segments.length > 2) {
    context.problems.add(at, 'a computed path has one or two keys, as in {$noun}_id or {$noun}.id')
    return undefined
  }
  const { under } = context
  const path = { text: formatPath(under), base: 'record' as const, segments: under }
  return { kind: 'field', under: under.length === 0 ? undefined : path, segments }
}

function parseOptions(
  raw: Readonly<Record<string, unknown>>,
  at: At,
  context: ValueContext,
): Omit<Candidate, 'source' | 'text'> {
  const { problems } = context
  const when = raw.when === undefined ? undefined : parseCondition(raw.when, [...at, 'when'], problems)
  const table = raw.table === undefined ? undefined : parseTable(raw, at, context)
  if (raw.ignore_case !== undefined && raw.table === undefined) {
    problems.add([...at, 'ignore_case'], '`ignore_case` belongs to a `table`')
  }
  const match = parseMatch(raw, at, problems)
  const split = parseSplit(raw, at, context)
  const letters = raw.case === 'lower' || raw.case === 'upper' ? raw.case : undefined
  if (raw.case !== undefined && letters === undefined) problems.add([...at, 'case'], 'lower or upper')
  if (raw.trim !== undefined && raw.trim !== true) problems.add([...at, 'trim'], 'true, or leave it out')
  return {
    ...(when === undefined ? {} : { when }),
    ...parsePresence(raw, at, context),
    ...(raw.trim === true ? { trim: true } : {}),
    ...(match === undefined ? {} : { match }),
    ...(split === undefined ? {} : { split }),
    ...(letters === undefined ? {} : { case: letters }),
    ...(table === undefined ? {} : { table }),
    ...parseTimeOptions(raw, at, context),
  }
}

/** The group is the first one, unless another is named by number or name; without groups, the whole match. */
function parseMatch(
  raw: Readonly<Record<string, unknown>>,
  at: At,
  problems: Problems,
): Candidate['match'] | undefined {
  const { match, group } = raw
  if (match === undefined) {
    if (group !== undefined) problems.add([...at, 'group'], '`group` belongs to `match`')
    return undefined
  }
  if (typeof match !== 'string' || match === '') {
    problems.add([...at, 'match'], 'a regular expression (RE2) belongs here, in quotes')
    return undefined
  }
  try {
    const pattern = compilePattern(match)
    const number =
      typeof group === 'string' ? pattern.names.get(group) : (group ?? Math.min(1, pattern.groupCount))
    if (Number.isInteger(number) && Number(number) >= 0 && Number(number) <= pattern.groupCount) {
      return { pattern, group: Number(number) }
    }
    const names = [...pattern.names.keys()].map((name) => `, ${name}`).join('')
    problems.add([...at, 'group'], `the pattern has the groups 0 to ${pattern.groupCount}${names}`)
  } catch (error) {
    problems.add(
      [...at, 'match'],
      `${asError(error).message}; patterns are RE2: no look-around, no back-references`,
    )
  }
  return undefined
}

function parseSplit(
  { split, part }: Readonly<Record<string, unknown>>,
  at: At,
  { problems, type }: ValueContext,
): Candidate['split'] | undefined {
  if (split === undefined && part === undefined) return undefined
  if (typeof split === 'string' && split !== '') {
    if (Number.isInteger(part)) return { separators: split, part: Number(part) }
    if (part === undefined && type.kind === 'texts') return { separators: split }
  }
  problems.add(
    at,
    '`split` (separator characters) and `part` (a whole number, negative from the end) go together; without `part`, a list takes all',
  )
  return undefined
}

/** `if` and `unless`: a path or `$name`, or a list of which one is enough. */
export function parsePresence(
  raw: Readonly<Record<string, unknown>>,
  at: At,
  context: Omit<ValueContext, 'type'>,
): Pick<Candidate, 'if' | 'unless'> {
  const read = (key: 'if' | 'unless') => {
    const value = raw[key]
    if (value === undefined) return undefined
    const list: unknown[] = Array.isArray(value) ? value : [value]
    if (list.length === 0) context.problems.add([...at, key], 'an empty list of paths')
    return list.flatMap((text, i) => {
      const here = Array.isArray(value) ? [...at, key, i] : [...at, key]
      if (typeof text === 'string') return parseReference(text, here, context) ?? []
      context.problems.add(here, 'a path belongs here')
      return []
    })
  }
  const [present, absent] = [read('if'), read('unless')]
  return {
    ...(present === undefined ? {} : { if: present }),
    ...(absent === undefined ? {} : { unless: absent }),
  }
}

/** CEL over `record`. */
export function parseCondition(raw: unknown, at: At, problems: Problems): Condition | undefined {
  if (typeof raw !== 'string') {
    problems.add(at, 'a CEL expression over `record` belongs here')
    return undefined
  }
  try {
    return compileCondition(raw, { record: true })
  } catch (error) {
    problems.add(at, asError(error).message)
    return undefined
  }
}

function parseTable(
  raw: Readonly<Record<string, unknown>>,
  at: At,
  context: ValueContext,
): Candidate['table'] | undefined {
  const { table } = raw
  if (typeof table !== 'object' || table === null || Array.isArray(table)) {
    context.problems.add([...at, 'table'], 'a table is an object: value → result')
    return undefined
  }
  const entries: Record<string, Scalar> = Object.create(null)
  for (const [key, result] of Object.entries<unknown>({ ...table })) {
    addProblem(context, [...at, 'table', key], constantProblem(result, context.type))
    if (typeof result === 'string' || typeof result === 'number' || typeof result === 'boolean') {
      entries[key] = result
    }
  }
  return { entries, ignoreCase: raw.ignore_case === true }
}

function parseTimeOptions(
  raw: Readonly<Record<string, unknown>>,
  at: At,
  context: ValueContext,
): Pick<Candidate, 'time'> {
  const { type, problems } = context
  const { format = 'auto', zone = context.zone } = raw
  if (type.kind !== 'time') {
    if (raw.format !== undefined || raw.zone !== undefined) {
      problems.add(at, '`format` and `zone` belong to times')
    }
    return {}
  }
  const formats: unknown[] = Array.isArray(format) ? format : [format]
  if (formats.length === 0) problems.add([...at, 'format'], 'an empty list of formats')
  formats.forEach((one, i) => {
    const problem = checkTimeFormat(one)
    if (problem !== undefined) problems.add([...at, 'format', ...(Array.isArray(format) ? [i] : [])], problem)
  })
  const zoneProblem = raw.zone === undefined ? undefined : checkZone(zone)
  if (zoneProblem !== undefined) problems.add([...at, 'zone'], zoneProblem)
  return {
    time: {
      formats: formats.filter((one) => typeof one === 'string'),
      ...(typeof zone === 'string' ? { zone } : {}),
    },
  }
}

function addProblem({ problems }: ValueContext, at: At, problem: string | undefined): void {
  if (problem !== undefined) problems.add(at, problem)
}

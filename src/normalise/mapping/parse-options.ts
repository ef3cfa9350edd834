/** Reads what a value may say beside its source: conditions, and what is done to what was read. */
import { compileCondition } from '../../cel/condition.ts'
import type { Condition } from '../../cel/contract.ts'
import { asError } from '../../errors.ts'
import { compilePattern } from '../../pattern/pattern.ts'
import { checkTimeFormat, checkZone } from '../compile/time-format.ts'
import { constantProblem } from './constant.ts'
import { type At, addProblem, type Problems, parseReference, type ValueContext } from './context.ts'
import type { Candidate, Scalar } from './mapping.ts'
import { keyProblem } from './table.ts'

export const options = [
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

export function parseOptions(
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
    addProblem(context, [...at, 'table', key], keyProblem(key) ?? constantProblem(result, context.type))
    if (typeof result === 'string' || typeof result === 'number' || typeof result === 'boolean') {
      entries[key] = result
    }
  }
  return { entries, ignoreCase: raw.ignore_case === true }
}

export function parseTimeOptions(
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

/** What a schema has against a value, in words: what is wrong, and what is allowed instead. */
import type { z } from 'zod'
import { nearest } from '../cel/nearest.ts'
import { type JsonSchema, memberOf, schemaAt } from './json-schema.ts'
import { type Finding, type Path, printPath } from './problem.ts'

export type Issue = z.core.$ZodIssue

export interface Words {
  /** What people may write, for listing it. */
  readonly schema: JsonSchema
  /** The whole value that was checked. */
  readonly value: unknown
  /** The text that stands for a value which must not be shown; undefined when it may be. */
  readonly hidden: (path: Path) => string | undefined
}

/** Each fault once: the first that is said of a scalar, and a slip of a key is not missed under its right name too. */
export function findingsOf(issues: readonly Issue[], words: Words): Finding[] {
  const found = issues.flatMap((issue) => statements(issue, words))
  const slips = new Set(
    found.flatMap(({ path, slipOf }) =>
      slipOf === undefined ? [] : [printPath([...path.slice(0, -1), slipOf])],
    ),
  )
  const said = new Set<string>()
  return found
    .filter((finding) => {
      const key = printPath(finding.path)
      const value = valueAt(words.value, finding.path)
      if (value === undefined && slips.has(key)) return false
      if (said.has(key) && (typeof value !== 'object' || value === null)) return false
      said.add(key)
      return true
    })
    .map(({ severity, path, at, message }) => ({ severity, path, at, message }))
}

interface Statement extends Finding {
  /** For an unknown key: the key that was probably meant. */
  readonly slipOf?: string | undefined
}

/** One issue can be several statements: each unknown key is one. */
function statements(issue: Issue, words: Words): Statement[] {
  const path = plain(issue.path)
  const value = valueAt(words.value, path)
  const found = words.hidden(path) ?? show(value, path)
  const error = (message: string, at: 'key' | 'value' = 'value', where: Path = path): Finding[] => [
    { severity: 'error', path: where, at, message },
  ]
  const place = schemaAt(words.schema, words.value, path)
  const phrase = place?.title ?? (place?.type === 'integer' ? kinds.int : undefined)

  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey([...path, key], key, place))
  if (issue.code === 'invalid_key') return error(wrongName(path, issue.issues[0]), 'key')
  if (issue.code === 'invalid_union') {
    if (issue.discriminator !== undefined && 'options' in issue && Array.isArray(issue.options))
      return error(choice(value, found, issue.options, words.hidden(path) === undefined))
    return unionFindings(issue, path, words)
  }
  if (value === undefined && issue.code !== 'custom')
    return error(`is required, but missing${explain(words, path)}`, 'key')
  if (issue.code === 'invalid_value')
    return error(choice(value, found, issue.values, words.hidden(path) === undefined))
  if (issue.code === 'invalid_type') {
    const isOne = issue.expected === 'array' && words.hidden(path) === undefined && typeof value === 'string'
    const fix = isOne ? `. Write [${found}]` : ''
    return error(`expected ${phrase ?? kinds[issue.expected] ?? issue.expected}, found ${found}${fix}`)
  }
  if (isOwn(issue.message)) {
    // Those that name a kind of value read on from "expected".
    const names = /^(an?|the|from|at least|at most) /.test(issue.message)
    return error(names ? `expected ${issue.message}, found ${found}` : issue.message)
  }
  if (issue.code === 'too_small')
    return error(
      `${bound(issue.origin, 'at least', issue.minimum, issue.inclusive ?? true)}, found ${count(value, found)}`,
    )
  if (issue.code === 'too_big')
    return error(
      `${bound(issue.origin, 'at most', issue.maximum, issue.inclusive ?? true)}, found ${count(value, found)}`,
    )
  if (issue.code === 'invalid_format')
    return error(`expected ${phrase ?? formats[issue.format] ?? `the form ${issue.format}`}, found ${found}`)
  return error(`${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`)
}

/** Written by us, and not the schema library's own. */
const isOwn = (message: string): boolean => !/^(Invalid|Too |Unrecognized)/.test(message)

const plain = (path: readonly PropertyKey[]): Path =>
  path.map((step) => (typeof step === 'number' ? step : String(step)))

const valueAt = (value: unknown, path: Path): unknown => path.reduce<unknown>(memberOf, value)

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

const formats: Readonly<Record<string, string>> = { url: 'a URL' }

/** Keys whose values are credentials, whoever wrote them into the file. */
const secretKeys = /bearer|encryption|token|password|secret|authorization|headers/i

function show(value: unknown, path: Path): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a map'
  if (path.some((step) => secretKeys.test(String(step)))) return 'something else (not shown)'
  const text = JSON.stringify(value).replace(/\/\/[^/@]*@/, '//***@')
  return text.length > 80 ? `${text.slice(0, 77)}…"` : text
}

const count = (value: unknown, found: string): string => (Array.isArray(value) ? `${value.length}` : found)

function unknownKey(path: Path, key: string, place: JsonSchema | undefined): Statement {
  const allowed = place?.propertyNames?.enum?.map(String) ?? Object.keys(place?.properties ?? {})
  const guess = nearest(key, allowed)
  const fix = guess === undefined ? '' : ` Did you mean "${guess}"?`
  const message = `unknown key.${fix} Allowed: ${allowed.join(', ')}`
  return { severity: 'error', path, at: 'key', message, slipOf: guess }
}

function wrongName(path: Path, issue: Issue | undefined): string {
  const name = path.at(-1)
  if (issue?.code === 'invalid_value') return choice(name, JSON.stringify(name), issue.values, true)
  return (issue?.message ?? 'not allowed as a name').replace(/^an? /, 'not $&')
}

function choice(value: unknown, found: string, options: readonly unknown[], mayGuess: boolean): string {
  const allowed = options.map(String)
  const guess = mayGuess && typeof value === 'string' ? nearest(value, allowed) : undefined
  const wrong = value === undefined ? 'is required, but missing.' : `${found} is not allowed here.`
  const fix = guess === undefined ? '' : ` Did you mean "${guess}"?`
  return `${wrong}${fix} Allowed: ${allowed.join(', ')}`
}

function bound(origin: string, side: string, limit: number | bigint, inclusive: boolean): string {
  if (origin === 'array') return `expected ${side} ${limit} ${limit === 1 ? 'entry' : 'entries'}`
  if (origin === 'string') return `expected ${side} ${limit} ${limit === 1 ? 'character' : 'characters'}`
  return `expected ${inclusive ? side : side === 'at least' ? 'more than' : 'less than'} ${limit}`
}

function explain(words: Words, path: Path): string {
  const place = schemaAt(words.schema, words.value, path)
  return place?.description === undefined ? '' : `: ${place.description}`
}

/** Of a union's branches, the one that agrees with the value's kind has the useful complaints. */
function unionFindings(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  words: Words,
): Finding[] {
  const value = valueAt(words.value, path)
  const wrongKind = (branch: readonly Issue[]): boolean =>
    branch.some((inner) => inner.path.length === 0 && inner.code === 'invalid_type')
  const branches = issue.errors.filter((branch) => !wrongKind(branch))
  const best = branches.toSorted((a, b) => a.length - b.length)[0]
  if (best !== undefined)
    return best.flatMap((inner) => statements({ ...inner, path: [...issue.path, ...inner.path] }, words))
  const expected = issue.errors.flatMap((branch) =>
    branch.flatMap((inner) =>
      inner.code === 'invalid_type' ? [kinds[inner.expected] ?? inner.expected] : [],
    ),
  )
  const own = isOwn(issue.message) ? issue.message : undefined
  const wanted = own ?? Array.from(new Set(expected)).join(' or ')
  const message =
    value === undefined
      ? `is required, but missing${explain(words, path)}`
      : `expected ${wanted}, found ${words.hidden(path) ?? show(value, path)}`
  return [{ severity: 'error', path, at: value === undefined ? 'key' : 'value', message }]
}

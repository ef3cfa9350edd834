/** Reads `detect`: by which members, and which text of the line, a record of this kind is recognised. */
import { nearest } from '../../cel/nearest.ts'
import { compilePattern } from '../../cel/pattern.ts'
import { asError } from '../../errors.ts'
import type { Problems } from './context.ts'
import type { DetectRule } from './mapping.ts'
import { type Path, parsePath } from './path.ts'
import { keyProblem } from './table.ts'

type At = readonly (string | number)[]

const keys = ['has', 'equals', 'pattern']

/** `[{ has: [kind, auditID], equals: { apiVersion: audit.k8s.io/v1 }, pattern: '^\{' }]`: any of them, each as a whole. */
export function parseDetect(raw: unknown, problems: Problems): readonly DetectRule[] {
  if (raw === undefined) return []
  const rules: unknown[] = Array.isArray(raw) ? raw : [raw]
  return rules.flatMap((rule, i) => {
    const at = Array.isArray(raw) ? ['detect', i] : ['detect']
    // One that has only unknown members is told which.
    if (isObject(rule) && Object.values(rule).some((value) => value !== undefined))
      return [parseRule(rule, at, problems)]
    problems.add(at, `an object belongs here, with at least one of ${keys.join(', ')}`)
    return []
  })
}

function guessOf(key: string): string {
  const guess = nearest(key, keys)
  return guess === undefined ? '' : `, did you mean ${guess}?`
}

function parseRule(raw: Readonly<Record<string, unknown>>, at: At, problems: Problems): DetectRule {
  for (const key of Object.keys(raw)) {
    if (!keys.includes(key))
      problems.add([...at, key], `unknown${guessOf(key)}; there are ${keys.join(', ')}`)
  }
  const pattern = parsePattern(raw.pattern, [...at, 'pattern'], problems)
  return {
    has: parseHas(raw.has, [...at, 'has'], problems),
    equals: parseEquals(raw.equals, [...at, 'equals'], problems),
    ...(pattern === undefined ? {} : { pattern }),
  }
}

function parseHas(raw: unknown, at: At, problems: Problems): Path[] {
  if (raw === undefined) return []
  const paths: unknown[] = Array.isArray(raw) ? raw : [raw]
  return paths.flatMap((path, i) => pathAt(path, Array.isArray(raw) ? [...at, i] : at, problems))
}

function parseEquals(raw: unknown, at: At, problems: Problems): DetectRule['equals'] {
  if (raw === undefined) return []
  if (!isObject(raw)) {
    problems.add(at, 'an object belongs here: path → the text it has, or a list of texts')
    return []
  }
  return Object.entries(raw).flatMap(([key, value]) => {
    const here = [...at, key]
    const values: unknown[] = Array.isArray(value) ? value : [value]
    if (values.length === 0 || !values.every(isScalar)) {
      problems.add(here, 'a text belongs here, or a list of texts')
      return []
    }
    values.forEach((one, i) => {
      const problem = keyProblem(String(one))
      if (problem !== undefined) problems.add(Array.isArray(value) ? [...here, i] : here, problem)
    })
    return pathAt(key, here, problems).map((path) => ({ path, values: values.map(String) }))
  })
}

function parsePattern(raw: unknown, at: At, problems: Problems): string | undefined {
  if (raw === undefined) return undefined
  try {
    if (typeof raw !== 'string' || raw === '') throw new TypeError('a text belongs here')
    compilePattern(raw)
    return raw
  } catch (thrown) {
    problems.add(
      at,
      `not a pattern: ${asError(thrown).message} (patterns are RE2: no look-around, no back-references)`,
    )
    return undefined
  }
}

function pathAt(raw: unknown, at: At, problems: Problems): Path[] {
  const parsed = typeof raw === 'string' ? parsePath(raw) : { problem: 'a path belongs here' }
  if ('path' in parsed) return [parsed.path]
  problems.add(at, parsed.problem)
  return []
}

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The CEL project's own conformance data, as far as it concerns the language that Affiant has. */
import { tests } from '@bufbuild/cel-spec/testdata/conformance.js'
import { describe, expect, test } from 'vitest'
import { compileExpression } from '../../src/cel/compile.ts'
import { CelError } from '../../src/cel/error.ts'
import { parseDuration, parseTimestamp } from '../../src/cel/time.ts'
import { Duration, equals, failed, mapKey, Timestamp } from '../../src/cel/value.ts'

type Suite = typeof tests

/** What concerns protobuf messages, enums, optionals, bytes, unsigned numbers and extensions is not our language. */
const files = [
  'basic',
  'comparisons',
  'conversions',
  'fields',
  'fp_math',
  'integer_math',
  'lists',
  'logic',
  'macros',
  'namespace',
  'parse',
  'plumbing',
  'string',
  'timestamps',
]

/** Refused by design, or names that only the tests' own environments have. */
const unsupported =
  /not supported|there is no `(a|x|google)`|there is no function `f_unknown`|syntax is wrong at `[.(]`/

/** Refused when compiled, as CEL's own type checker does; the data have that switched off for these. */
const refused = [
  'logic/AND/short_circuit_type_left',
  'logic/AND/short_circuit_type_right',
  'logic/OR/short_circuit_type_left',
  'logic/OR/short_circuit_type_right',
]

interface Outcome {
  readonly id: string
  /** `passed`, `unsupported`, or what came instead. */
  readonly result: string
}

class Unsupported extends Error {}

/** The data's JSON form of a `cel.expr.Value`. */
interface JsonValue {
  readonly boolValue?: boolean
  readonly stringValue?: string
  readonly nullValue?: null
  readonly doubleValue?: number | string
  readonly int64Value?: string
  readonly listValue?: { readonly values?: readonly JsonValue[] }
  readonly mapValue?: { readonly entries?: readonly { readonly key: JsonValue; readonly value: JsonValue }[] }
  readonly objectValue?: { readonly '@type': string; readonly value: string }
}

function value(json: JsonValue): unknown {
  if (json.boolValue !== undefined) return json.boolValue
  if (json.stringValue !== undefined) return json.stringValue
  if (json.nullValue !== undefined) return null
  if (json.doubleValue !== undefined) return Number(json.doubleValue)
  if (json.int64Value !== undefined) return BigInt(json.int64Value)
  if (json.listValue !== undefined) return (json.listValue.values ?? []).map(value)
  if (json.mapValue !== undefined) {
    return new Map((json.mapValue.entries ?? []).map((pair) => [mapKey(value(pair.key)), value(pair.value)]))
  }
  if (json.objectValue?.['@type'].endsWith('.Timestamp')) return parseTimestamp(json.objectValue.value)
  if (json.objectValue?.['@type'].endsWith('.Duration')) return parseDuration(json.objectValue.value)
  throw new Unsupported()
}

function same(actual: unknown, expected: unknown): boolean {
  if (typeof actual === 'number' && Number.isNaN(actual)) return Number.isNaN(expected)
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.length === expected.length && actual.every((item, index) => same(item, expected[index]))
  }
  const kind = (one: unknown) =>
    one instanceof Timestamp ? 'timestamp' : one instanceof Duration ? 'duration' : typeof one
  return kind(actual) === kind(expected) && equals(actual, expected)
}

interface Original {
  readonly name?: string
  readonly expr: string
  readonly container?: string
  readonly bindings?: Readonly<Record<string, { readonly value: JsonValue }>>
  readonly value?: JsonValue
  readonly evalError?: object
}

function run(original: Original): string {
  const { expr, bindings = {}, evalError, value: wanted, container } = original
  try {
    if (container !== undefined || (wanted === undefined) === (evalError === undefined))
      throw new Unsupported()
    const expected = wanted === undefined ? failed : value(wanted)
    const scope: Record<string, unknown> = {}
    for (const [name, bound] of Object.entries(bindings)) scope[name] = value(bound.value)
    const names = Object.fromEntries(Object.keys(scope).map((name) => [name, true as const]))
    const actual = compileExpression(expr, names).evaluate(scope)
    return same(actual, expected) ? 'passed' : `gave ${String(actual)}, not ${String(expected)}`
  } catch (error) {
    if (error instanceof Unsupported) return 'unsupported'
    if (!(error instanceof CelError)) throw error
    if (evalError !== undefined) return 'passed'
    return unsupported.test(error.message) ? 'unsupported' : `refused: ${error.message}`
  }
}

function outcomes(suite: Suite, path: string): Outcome[] {
  return [
    ...(suite.tests ?? []).map(({ original }) => ({ id: `${path}/${original.name}`, result: run(original) })),
    ...(suite.suites ?? []).flatMap((below) => outcomes(below, `${path}/${below.name}`)),
  ]
}

describe('conformance', () => {
  const all = (tests.suites ?? [])
    .filter(({ name }) => files.includes(name))
    .flatMap((suite) => outcomes(suite, suite.name))

  test('every expression of our language gives what the specification says', () => {
    const different = all.filter(
      ({ id, result }) => !['passed', 'unsupported'].includes(result) && !refused.includes(id),
    )
    expect(different).toEqual([])
    expect(all.filter(({ id }) => refused.includes(id)).map(({ result }) => result)).toEqual(
      refused.map(() => expect.stringMatching(/^refused: (&&|\|\|) takes bool/)),
    )
  })

  test('and that is most of the data', () => {
    const passed = all.filter(({ result }) => result === 'passed')
    expect(passed.length).toBeGreaterThanOrEqual(750)
  })
})

/**
 * Whether an event is what a mapping's test expects. Members that are named must be so, others may be anything:
 *
 * - a key of the event itself may be a path: `actor.id`, `targets[0].type`, `targets[type=user].id`
 * - `null`: the member is absent
 * - a list has as many elements, each as expected; `{ $contains: [a, b] }`: each of these is among its elements
 * - `{ $exactly: value }`: this and nothing else
 * - `{ $matches: pattern }`: a text in which this RE2 is found
 */
import { isDeepStrictEqual } from 'node:util'
import { nearest } from '../cel/nearest.ts'
import { compilePattern } from '../cel/pattern.ts'
import { asError } from '../errors.ts'
import { auditEventSchema } from '../event/json-schema.ts'
import { formatPath, parsePath, type Step } from '../normalise/mapping/path.ts'
import { valueAt } from '../normalise/mapping/value-at.ts'

/** One member that is not as expected. */
export interface Difference {
  /** As in mappings: `targets[0].id`. */
  readonly path: string
  /** As JSON, or a sentence where it is no value. */
  readonly expected: string
  readonly got: string
}

type Raw = Readonly<Record<string, unknown>>

/** In the order in which members are named. */
export function differences(expected: Raw, event: Raw): Difference[] {
  return Object.entries(expected).flatMap(([key, value]) => {
    const parsed = parsePath(key)
    if ('problem' in parsed) return [{ path: key, expected: show(value), got: parsed.problem }]
    const { segments } = parsed.path
    return compareMember(value, valueAt(event, segments), segments)
  })
}

/** A typing error would never differ where a member is expected to be absent. */
function compareMember(expected: unknown, got: unknown, at: readonly Step[]): Difference[] {
  const unknown = unknownMember(at)
  if (unknown === undefined) return compare(expected, got, at)
  return [{ path: formatPath(at), expected: show(expected), got: unknown }]
}

function compare(expected: unknown, got: unknown, at: readonly Step[]): Difference[] {
  const path = formatPath(at)
  const differs = (text = show(expected)) => [{ path, expected: text, got: show(got) }]
  if (expected === null) return got === undefined || got === null ? [] : differs('absent')
  if (Array.isArray(expected)) {
    if (!Array.isArray(got)) return differs()
    if (got.length !== expected.length) return differs(`${counted(expected.length)}: ${show(expected)}`)
    return expected.flatMap((each, i) => compare(each, got[i], [...at, i]))
  }
  if (!isObject(expected)) return got === expected ? [] : differs()
  const [operator] = Object.keys(expected).filter((key) => Object.hasOwn(operators, key))
  if (operator !== undefined) {
    const text = operators[operator]!(expected[operator], got, at)
    return text === undefined ? [] : differs(text)
  }
  if (!isObject(got)) return differs()
  return Object.entries(expected).flatMap(([key, value]) => compareMember(value, got[key], [...at, key]))
}

/** Returns what was expected, in words, where it is not so. */
type Operator = (operand: unknown, got: unknown, at: readonly Step[]) => string | undefined

const operators: Readonly<Record<string, Operator>> = {
  $exactly: (operand, got) => (isDeepStrictEqual(got, operand) ? undefined : `exactly ${show(operand)}`),
  $contains: (operand, got, at) => {
    const wanted: unknown[] = Array.isArray(operand) ? operand : [operand]
    const elements: unknown[] = Array.isArray(got) ? got : []
    const among = (each: unknown) => elements.some((one) => compare(each, one, [...at, 0]).length === 0)
    const absent = wanted.filter((each) => !among(each))
    return absent.length === 0 ? undefined : `among them ${absent.map(show).join(', ')}`
  },
  $matches: (operand, got) => {
    try {
      return typeof got === 'string' && compilePattern(String(operand)).test(got)
        ? undefined
        : `a text with ${String(operand)}`
    } catch (thrown) {
      return `a pattern that is none: ${asError(thrown).message}`
    }
  },
}

interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

let schema: Schema | undefined

/** What the schema says against a member of this path. */
function unknownMember(segments: readonly Step[]): string | undefined {
  schema ??= auditEventSchema() as Schema
  let at: Schema | undefined = schema
  for (const [i, segment] of segments.entries()) {
    if (typeof segment !== 'string') at = at.items
    else if (at.properties !== undefined) {
      const known: Schema | undefined = at.properties[segment]
      if (known === undefined) return unknownWords(segments.slice(0, i), segment, Object.keys(at.properties))
      at = known
    }
    // Free-form from here on.
    if (at?.properties === undefined && at?.items === undefined) return undefined
  }
  return undefined
}

function unknownWords(above: readonly Step[], name: string, names: readonly string[]): string {
  const guess = nearest(name, names)
  const help =
    guess === undefined ? `there are ${names.join(', ')}` : `did you mean ${formatPath([...above, guess])}?`
  return `audit-event/1 has no ${formatPath([...above, name])}; ${help}`
}

const counted = (length: number) => `${length} element${length === 1 ? '' : 's'}`

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value)
}

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

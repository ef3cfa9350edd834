/** Reads `tests`: examples within a mapping, or in a file beside it. What they expect is compared by `affiant test`. */
import { normaliseRfc3339 } from '../../event/time.ts'
import { checkZone } from '../compile/time-format.ts'
import type { Problems } from './context.ts'
import type { MappingTest } from './mapping.ts'

type At = readonly (string | number)[]
type Raw = Readonly<Record<string, unknown>>

const keys = ['name', 'input', 'expect', 'zone', 'observed']

export function parseTests(raw: unknown, problems: Problems): readonly MappingTest[] {
  if (raw === undefined) return []
  if (!Array.isArray(raw)) {
    problems.add(['tests'], 'a list belongs here, each with name, input and expect')
    return []
  }
  return raw.flatMap((test: unknown, i) => {
    const at = ['tests', i]
    if (isObject(test)) return parseTest(test, at, problems)
    problems.add(at, 'an object belongs here, with name, input and expect')
    return []
  })
}

function parseTest(raw: Raw, at: At, problems: Problems): MappingTest[] {
  for (const key of Object.keys(raw)) {
    if (!keys.includes(key)) problems.add([...at, key], `unknown; there are ${keys.join(', ')}`)
  }
  const { name } = raw
  if (typeof name !== 'string' || name === '') problems.add([...at, 'name'], 'a test needs a name')
  const input = parseInput(raw.input, [...at, 'input'], problems)
  const expect = parseExpect(raw.expect, [...at, 'expect'], problems)
  const zone = parseZone(raw.zone, [...at, 'zone'], problems)
  const observed = parseObserved(raw.observed, [...at, 'observed'], problems)
  if (typeof name !== 'string' || input === undefined || expect === undefined) return []
  return [
    {
      name,
      input,
      expect,
      ...(zone === undefined ? {} : { zone }),
      ...(observed === undefined ? {} : { observed }),
    },
  ]
}

/** A text is lines as they are, an object is written as one line of JSON. */
function parseInput(raw: unknown, at: At, problems: Problems): string | undefined {
  const inputs: unknown[] = Array.isArray(raw) ? raw : [raw]
  const lines = inputs.map((input) => {
    if (typeof input === 'string') return input.replace(/\n$/, '')
    return isObject(input) ? JSON.stringify(input) : undefined
  })
  if (lines.length > 0 && !lines.includes(undefined)) return lines.join('\n')
  problems.add(
    at,
    'the line or lines to read belong here: a text, an object that stands for its JSON, or a list of them',
  )
  return undefined
}

function parseExpect(raw: unknown, at: At, problems: Problems): Raw[] | undefined {
  const events: unknown[] = Array.isArray(raw) ? raw : [raw]
  if (events.every(isObject)) return events
  problems.add(
    at,
    'an event with the members that matter belongs here, or a list of events: one for each that is made',
  )
  return undefined
}

function parseZone(raw: unknown, at: At, problems: Problems): string | undefined {
  if (raw === undefined) return undefined
  const problem = checkZone(raw)
  if (problem !== undefined) problems.add(at, problem)
  return typeof raw === 'string' ? raw : undefined
}

function parseObserved(raw: unknown, at: At, problems: Problems): number | undefined {
  if (raw === undefined) return undefined
  const time = typeof raw === 'string' ? normaliseRfc3339(raw) : undefined
  if (time !== undefined) return Date.parse(time)
  problems.add(at, 'when the lines are read belongs here, as in 2026-11-23T12:00:00Z')
  return undefined
}

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

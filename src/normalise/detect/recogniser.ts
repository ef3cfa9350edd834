/** Whether a record is of the kind that a mapping reads: its `detect`, compiled. */
import { compilePattern } from '../../cel/pattern.ts'
import type { DetectRule } from '../mapping/mapping.ts'
import type { Path } from '../mapping/path.ts'
import { compileTable } from '../mapping/table.ts'

/** How many conditions of a rule the record meets, when it meets them all; of several rules the most. 0: none. */
export type Recogniser = (text: string, record: unknown) => number

/** @param rules any of which is enough */
export function compileRecogniser(rules: readonly DetectRule[]): Recogniser {
  const compiled = rules.map(compileRule)
  return (text, record) => compiled.reduce((most, rule) => Math.max(most, rule(text, record)), 0)
}

function compileRule({ has, equals, pattern }: DetectRule): Recogniser {
  const conditions: ((text: string, record: unknown) => boolean)[] = []
  for (const path of has) conditions.push((_, record) => isPresent(valueAt(record, path)))
  for (const { path, values } of equals) {
    const table = compileTable(Object.fromEntries(values.map((value) => [value, true])), false)
    conditions.push((_, record) => table.find(valueAt(record, path)) === true)
  }
  if (pattern !== undefined) {
    const compiled = compilePattern(pattern)
    conditions.push((text) => compiled.test(text))
  }
  return (text, record) => (conditions.every((condition) => condition(text, record)) ? conditions.length : 0)
}

function valueAt(record: unknown, { segments }: Path): unknown {
  let value = record
  for (const segment of segments) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = Reflect.get(value, segment)
  }
  return value
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null

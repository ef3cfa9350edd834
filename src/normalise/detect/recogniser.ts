/** Whether a record is of the kind that a mapping reads: its `detect`, compiled. */
import { compilePattern } from '../../cel/pattern.ts'
import type { DetectRule } from '../mapping/mapping.ts'
import { compileTable } from '../mapping/table.ts'
import { valueAt } from '../mapping/value-at.ts'

/**
 * How sure a rule is of the record, when the record meets all of it; of several rules the most. 0: none. A value or a
 * pattern says more than any number of paths, which many formats may have.
 */
export type Recogniser = (text: string, record: unknown) => number

/** More than a rule has paths. */
const valueWeight = 100

/** @param rules any of which is enough */
export function compileRecogniser(rules: readonly DetectRule[]): Recogniser {
  const compiled = rules.map(compileRule)
  return (text, record) => compiled.reduce((most, rule) => Math.max(most, rule(text, record)), 0)
}

function compileRule({ has, equals, pattern }: DetectRule): Recogniser {
  const sure = has.length + valueWeight * (equals.length + (pattern === undefined ? 0 : 1))
  const conditions: ((text: string, record: unknown) => boolean)[] = []
  for (const path of has) conditions.push((_, record) => isPresent(valueAt(record, path.segments)))
  for (const { path, values } of equals) {
    const table = compileTable(Object.fromEntries(values.map((value) => [value, true])), false)
    conditions.push((_, record) => table.find(valueAt(record, path.segments)) === true)
  }
  if (pattern !== undefined) {
    const compiled = compilePattern(pattern)
    conditions.push((text) => compiled.test(text))
  }
  return (text, record) => (conditions.every((condition) => condition(text, record)) ? sure : 0)
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null

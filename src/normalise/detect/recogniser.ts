/** Whether a record is of the kind that a mapping reads: its `detect`, compiled. */
import { compilePattern } from '../../cel/pattern.ts'
import type { DetectRule } from '../mapping/mapping.ts'
import { compileTable } from '../mapping/table.ts'
import { valueAt } from '../mapping/value-at.ts'

/** How many conditions of a rule the record meets, when it meets them all; of several rules the most. 0: none. */
export type Recogniser = (text: string, record: unknown) => number

/** @param rules any of which is enough */
export function compileRecogniser(rules: readonly DetectRule[]): Recogniser {
  const compiled = rules.map(compileRule)
  return (text, record) => compiled.reduce((most, rule) => Math.max(most, rule(text, record)), 0)
}

function compileRule({ has, equals, pattern }: DetectRule): Recogniser {
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
  return (text, record) => (conditions.every((condition) => condition(text, record)) ? conditions.length : 0)
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null

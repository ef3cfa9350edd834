/** What is done with a configuration that its schema refuses. */
import type { z } from 'zod'
import { Fitting, rounds } from './fit.ts'
import { jsonSchemaOf } from './json-schema.ts'
import { once } from './once.ts'
import { type Finding, printPath } from './problem.ts'
import type { Resolved } from './resolve.ts'
import { mapScalars, type Node, plainValue } from './tree.ts'
import { findingsOf, type Issue } from './words.ts'

export interface Checked<T> {
  readonly config: T | undefined
  readonly value: unknown
  readonly findings: readonly Finding[]
}

/** A value that its schema refuses, tried again in the forms that texts from outside may have; else what is wrong with it, in words. */
export function refit<T>(
  whole: z.ZodType<T>,
  resolved: Resolved,
  start: unknown,
  faults: readonly Issue[],
): Checked<T> {
  const schema = jsonSchemaOf(whole)
  const fitting = new Fitting(resolved.supplied, schema)
  let value = start
  let issues = faults
  for (let round = 0; round < rounds && fitting.next(issues, value); round += 1) {
    value = plainValue(withForms(resolved.root, fitting))
    const result = whole.safeParse(value, once)
    if (result.success) return { config: result.data, value, findings: [] }
    issues = result.error.issues
  }
  const words = {
    schema,
    value,
    hidden: (path: Finding['path']) => resolved.supplied.get(printPath(path))?.written,
  }
  const findings = findingsOf(issues, words).filter(
    ({ path }) => resolved.supplied.get(printPath(path))?.placeholder !== true,
  )
  return { config: undefined, value, findings }
}

const withForms = (root: Node, { chosen }: Fitting): Node =>
  mapScalars(root, (scalar, path) => chosen.get(printPath(path)) ?? scalar.value)

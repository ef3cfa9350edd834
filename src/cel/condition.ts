/** Conditions: expressions that decide. The only door into this folder for routes, `select` and filters. */
import { compileExpression } from './compile.ts'
import type { Condition, Fields } from './contract.ts'
import { CelError } from './error.ts'

/**
 * Compiles `source` against the variables its scope will have; a member that a closed tree lacks is an error now.
 * @throws CelError with line, column and, mostly, a hint
 */
export function compileCondition(source: string, variables: Readonly<Record<string, Fields>>): Condition {
  const { evaluate, kind } = compileExpression(source, variables)
  if (kind !== 'bool' && kind !== 'dyn') {
    throw new CelError(
      `a condition gives true or false, but this gives ${kind}`,
      source,
      0,
      'compare it: … == …',
    )
  }
  return Object.assign((scope: Readonly<Record<string, unknown>>) => evaluate(scope) === true, { source })
}

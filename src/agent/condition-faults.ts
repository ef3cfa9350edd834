/** What is wrong with a condition, in words and with its place. */
import { compileCondition } from '../cel/condition.ts'
import type { Fields } from '../cel/contract.ts'
import { CelError } from '../cel/error.ts'

export function conditionFaults(source: string, variables: Readonly<Record<string, Fields>>): string[] {
  try {
    compileCondition(source, variables)
    return []
  } catch (thrown) {
    if (!(thrown instanceof CelError)) throw thrown
    const { line, column, message, hint } = thrown
    const place = source.includes('\n') ? `line ${line}, column ${column}` : `column ${column}`
    return [`${message}, at ${place}${hint === undefined ? '' : `; ${hint}`}`]
  }
}

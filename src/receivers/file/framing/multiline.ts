/** Which lines belong together: the rule that `multiline` in the configuration names. */
import { asError } from '../../../errors.ts'
import { compileRe2 } from '../../../pattern/engine.ts'

export interface MultilineRule {
  readonly start?: string | undefined
  readonly continuation?: string | undefined
  readonly indented?: true | undefined
}

/** Whether a line belongs to the record before it. */
export type Continues = (line: Buffer) => boolean

/** Bytes of a line that a pattern is held against: a longer line is told by its beginning. */
const looked = 4096

/** What is wrong with a pattern, or undefined. */
export function patternProblem(source: string): string | undefined {
  try {
    compileRe2(source)
    return undefined
  } catch (thrown) {
    return asError(thrown).message
  }
}

export function compileMultiline({ start, continuation }: MultilineRule): Continues {
  if (start !== undefined) {
    const pattern = compileRe2(start)
    return (line) => !pattern.test(line.toString('utf8', 0, looked))
  }
  if (continuation !== undefined) {
    const pattern = compileRe2(continuation)
    return (line) => pattern.test(line.toString('utf8', 0, looked))
  }
  return (line) => line[0] === 0x20 || line[0] === 0x09
}

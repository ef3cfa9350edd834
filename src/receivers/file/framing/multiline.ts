/** Which lines belong together: the rule that `multiline` in the configuration names. */
import { createRequire } from 'node:module'

export interface MultilineRule {
  readonly start?: string | undefined
  readonly continuation?: string | undefined
  readonly indented?: true | undefined
}

/** Whether a line belongs to the record before it. */
export type Continues = (line: Buffer) => boolean

/** Bytes of a line that a pattern is held against: a longer line is told by its beginning. */
const looked = 4096

interface Pattern {
  test(text: string): boolean
}

/** RE2: in linear time, whatever the pattern and the line. Loaded where a configuration has one. @throws Error */
function compilePattern(source: string): Pattern {
  const { RE2JS }: typeof import('re2js') = createRequire(import.meta.url)('re2js')
  return RE2JS.compile(source)
}

/** What is wrong with a pattern, or undefined. */
export function patternProblem(source: string): string | undefined {
  try {
    compilePattern(source)
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

export function compileMultiline({ start, continuation }: MultilineRule): Continues {
  if (start !== undefined) {
    const pattern = compilePattern(start)
    return (line) => !pattern.test(line.toString('utf8', 0, looked))
  }
  if (continuation !== undefined) {
    const pattern = compilePattern(continuation)
    return (line) => pattern.test(line.toString('utf8', 0, looked))
  }
  return (line) => line[0] === 0x20 || line[0] === 0x09
}

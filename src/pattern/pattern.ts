/**
 * Regular expressions in RE2's syntax, in linear time: neither one from a configuration nor the text of a record can
 * make matching explode. No look-around, no back-references. https://github.com/google/re2/wiki/Syntax
 *
 * RE2 proper is slow here. Patterns that leave no choice are as safe with JavaScript's engine, which takes a twentieth of
 * the time: see regexp.ts.
 */
import { compileRe2 } from './engine.ts'
import { linearRegExp } from './regexp.ts'

export interface Pattern {
  /** As it was written. */
  readonly source: string
  readonly groupCount: number
  /** Numbers of the groups that have names. */
  readonly names: ReadonlyMap<string, number>
  /**
   * The leftmost match anywhere in the text: the whole, then its groups, undefined for a group that has no part in it.
   * Undefined without a match.
   */
  exec(text: string): readonly (string | undefined)[] | undefined
}

/** @throws Error that says what is wrong with the pattern */
export function compilePattern(source: string): Pattern {
  const compiled = compileRe2(source)
  const groupCount = compiled.groupCount()
  const names = new Map(Object.entries(compiled.namedGroups()))
  const fast = linearRegExp(source)
  if (fast !== undefined) return { source, groupCount, names, exec: (text) => fast.exec(text) ?? undefined }
  return {
    source,
    groupCount,
    names,
    exec(text) {
      const matcher = compiled.matcher(text)
      if (!matcher.find()) return undefined
      return Array.from({ length: groupCount + 1 }, (_, group) => matcher.group(group) ?? undefined)
    },
  }
}

/** What is done to a value before it is held against its member: `trim`, `match`, `split`, `case`, `table`, in this order. */
import type { Candidate } from '../mapping/mapping.ts'
import { compileTable } from '../mapping/table.ts'
import { cut } from './cut.ts'
import { scalar } from './fit.ts'

export type Steps = Pick<Candidate, 'trim' | 'match' | 'split' | 'case' | 'table'>

export interface Transform {
  /** The result, or undefined where there is none: the value then does not count. */
  apply(value: unknown): unknown
  /** Whether the last result stands for all of its value, so that nothing of it need stay in `unmapped`. */
  whole: boolean
}

interface Result {
  readonly value: unknown
  readonly whole: boolean
}

/** Texts remembered with their result: names of actions are few, and working one out costs more than looking it up. */
const maxRemembered = 1024
const maxLength = 512

const nothing: Result = { value: undefined, whole: false }

/** @param list whether the member takes a list: then every element of an array is transformed by itself */
export function createTransform(steps: Steps, list: boolean): Transform {
  const transformText = compileSteps(steps)
  const remembered = new Map<string, Result>()
  const one = (value: unknown): Result => {
    const text = scalar(value)
    if (text === undefined) return nothing
    if (text.length > maxLength) return transformText(text)
    let result = remembered.get(text)
    if (result === undefined) {
      result = transformText(text)
      if (remembered.size >= maxRemembered) remembered.clear()
      remembered.set(text, result)
    }
    return result
  }
  const all = (values: readonly unknown[]): Result => {
    const results = values.map(one)
    return {
      value: results.flatMap(({ value }) => value ?? []),
      whole: results.every(({ whole }) => whole),
    }
  }
  const transform: Transform = {
    whole: false,
    apply(value) {
      const result = list && Array.isArray(value) ? all(value) : one(value)
      transform.whole = result.whole
      return result.value
    },
  }
  return transform
}

function compileSteps({ trim, match, split, case: letters, table }: Steps): (text: string) => Result {
  const look = table && compileTable(table.entries, table.ignoreCase)
  const finish = (text: string | undefined, whole: boolean): Result => {
    if (text === undefined || text === '') return nothing
    const cased = letters === undefined ? text : letters === 'lower' ? text.toLowerCase() : text.toUpperCase()
    if (look === undefined) return { value: cased, whole }
    const value = look.find(cased)
    return { value, whole: whole && look.exact && value !== undefined }
  }
  return (text) => {
    const trimmed = trim ? text.trim() : text
    const matched = match === undefined ? trimmed : match.pattern.exec(trimmed)?.[match.group]
    if (matched === undefined) return nothing
    if (split === undefined) return finish(matched, matched === trimmed)
    const parts = cut(matched, split.separators)
    if (split.part !== undefined) {
      const part = parts.at(split.part)
      return finish(part, part === trimmed)
    }
    const results = parts.map((part) => finish(part, matched === trimmed))
    return {
      value: results.flatMap(({ value }) => value ?? []),
      whole: results.length > 0 && results.every(({ whole }) => whole),
    }
  }
}

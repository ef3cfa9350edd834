/**
 * Value tables: `{ approve: approve, 'create*': create, '<400': success, '401..403': denied }`. A key is a value as
 * text; `text*` and `*text` are beginnings and ends, `*` is anything, `<n <=n >n >=n n..m` are ranges of numbers. Exact keys are tried
 * first, then patterns and ranges in the order written.
 */

type Pattern = (text: string, number: number) => boolean

export interface Table {
  /** The value found for a scalar, or undefined. Sets `exact`. */
  find(value: unknown): string | number | boolean | undefined
  /** Whether the last find was by an exact key: the result then stands for the source value. */
  exact: boolean
}

type Result = string | number | boolean

const comparison = /^(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)$/
const range = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)$/

/** Values remembered of patterns that were tried: action names and codes are few, attackers' are many. */
const maxRemembered = 1024

export function compileTable(entries: Readonly<Record<string, Result>>, ignoreCase: boolean): Table {
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text)
  const exact = new Map<string, Result>()
  const patterns: [Pattern, Result][] = []
  for (const [key, result] of Object.entries(entries)) {
    const pattern = compilePattern(fold(key))
    if (pattern === undefined) exact.set(fold(key), result)
    else patterns.push([pattern, result])
  }
  const remembered = new Map<string, Result | undefined>()
  /** Nothing to look for: every value that is no exact key has the same result. */
  const anything = patterns.length === 1 && Object.hasOwn(entries, '*') ? patterns[0]![1] : undefined

  const table: Table = {
    exact: false,
    find(value) {
      const text = scalarText(value)
      table.exact = true
      if (text === undefined) return undefined
      const direct = exact.get(text) ?? (ignoreCase ? exact.get(text.toLowerCase()) : undefined)
      if (direct !== undefined || patterns.length === 0) return direct
      table.exact = false
      if (anything !== undefined) return anything
      if (remembered.has(text)) return remembered.get(text)
      const found = match(patterns, fold(text))
      if (remembered.size >= maxRemembered) remembered.clear()
      if (text.length <= 128) remembered.set(text, found)
      return found
    },
  }
  return table
}

function match(patterns: readonly [Pattern, Result][], text: string): Result | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return patterns.find(([matches]) => matches(text, number))?.[1]
}

/** What a key is that is no exact one: `''` as a beginning is `*`. */
export type KeyPattern =
  | { readonly kind: 'beginning' | 'end'; readonly text: string }
  | { readonly kind: 'numbers'; readonly takes: (number: number) => boolean }

/** Undefined for an exact key. */
export function patternOf(key: string): KeyPattern | undefined {
  const [, operator, operand] = comparison.exec(key) ?? []
  if (operator !== undefined) {
    const limit = Number(operand)
    if (operator === '<') return { kind: 'numbers', takes: (number) => number < limit }
    if (operator === '<=') return { kind: 'numbers', takes: (number) => number <= limit }
    if (operator === '>') return { kind: 'numbers', takes: (number) => number > limit }
    return { kind: 'numbers', takes: (number) => number >= limit }
  }
  const [, low, high] = range.exec(key) ?? []
  if (low !== undefined)
    return { kind: 'numbers', takes: (number) => number >= Number(low) && number <= Number(high) }
  if (key.endsWith('*')) return { kind: 'beginning', text: key.slice(0, -1) }
  if (key.startsWith('*')) return { kind: 'end', text: key.slice(1) }
  return undefined
}

/**
 * What is wrong with a key, or undefined: a range from the larger number to the smaller one is empty; an asterisk in another place would be the character itself, which is hardly ever
 * meant, and then the key meets nothing.
 */
export function keyProblem(key: string): string | undefined {
  const [, low, high] = range.exec(key) ?? []
  if (Number(low) > Number(high))
    return `no number lies in this range: it begins with the smaller one, as in ${high}..${low}`
  const pattern = patternOf(key)
  const text = pattern === undefined ? key : pattern.kind === 'numbers' ? '' : pattern.text
  if (!text.includes('*')) return undefined
  return "one asterisk, at the beginning or the end, stands for any text; `match` finds other forms, as in match: '^a.*z$'"
}

function compilePattern(key: string): Pattern | undefined {
  const pattern = patternOf(key)
  if (pattern === undefined) return undefined
  if (pattern.kind === 'numbers') return (_, number) => pattern.takes(number)
  if (pattern.kind === 'beginning') return (text) => text.startsWith(pattern.text)
  return (text) => text.endsWith(pattern.text)
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

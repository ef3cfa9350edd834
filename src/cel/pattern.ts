/**
 * `text.matches(pattern)`: RE2 syntax in linear time, so that neither an expression nor an event can make it
 * explode. Matches anywhere in the text, as CEL has it; anchor with ^ and $.
 */
import { compileRe2 } from '../pattern/engine.ts'
import type { Compilation, Evaluate, Node } from './node.ts'
import { failed } from './value.ts'

export interface Pattern {
  test(text: string): boolean
  /** Goes from match to match; `start` and `end` are of the last one found. */
  matcher(text: string): { find(): boolean; start(): number; end(): number }
}

/** @throws an error with the reason, for what is no RE2 */
export function compilePattern(source: string): Pattern {
  return compileRe2(source)
}

/** Patterns that are computed per event, most recently used last. */
const computed = new Map<string, Pattern | undefined>()
const maxComputed = 128

function computedPattern(source: string): Pattern | undefined {
  const known = computed.get(source)
  if (known !== undefined || computed.has(source)) {
    computed.delete(source)
    computed.set(source, known)
    return known
  }
  let pattern: Pattern | undefined
  try {
    pattern = source.length > 1024 ? undefined : compilePattern(source)
  } catch {
    pattern = undefined
  }
  if (computed.size >= maxComputed) computed.delete(computed.keys().next().value!)
  computed.set(source, pattern)
  return pattern
}

export function matchesEvaluation(compilation: Compilation, text: Node, pattern: Node): Evaluate {
  const readText = text.evaluate
  const source = pattern.constant?.value
  if (typeof source === 'string') {
    let compiled: Pattern
    try {
      compiled = compilePattern(source)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw compilation.error(reason, pattern.offset, 'patterns are RE2: no look-around, no back-references')
    }
    return (scope) => {
      const value = readText(scope)
      return typeof value === 'string' ? compiled.test(value) : failed
    }
  }
  const readPattern = pattern.evaluate
  return (scope) => {
    const value = readText(scope)
    const expression = readPattern(scope)
    if (typeof value !== 'string' || typeof expression !== 'string') return failed
    return computedPattern(expression)?.test(value) ?? failed
  }
}

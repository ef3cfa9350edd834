/** Takes parts out of texts: what matches the patterns of one rule or of several. */
import { compilePattern } from '../../cel/pattern.ts'
import type { KeyedHash } from '../keyed-hash.ts'
import { builtIn, type Find, type Spans } from './patterns.ts'
import { type RedactMethod, type RedactRule, replacement } from './rule.ts'

/** A rule with what finds its parts. */
export interface PartialRule {
  readonly method: RedactMethod
  /** Of `truncate`. */
  readonly length?: number | undefined
  readonly secret?: true
  /** For `redactions[].rule`, pattern by pattern. */
  readonly finds: readonly { readonly rule: string; readonly find: Find }[]
  /** Finds the values of fields: a place is none of a value's own, and a copy of one elsewhere stays. */
  readonly areFields?: true
}

export interface Scanned {
  /** What is left of the text; undefined where nothing must be. */
  readonly text: string | undefined
  /** What was taken out, once per rule. */
  readonly hits: readonly { readonly rule: string; readonly method: RedactMethod }[]
  /** The very parts that were taken out. */
  readonly taken: readonly string[]
  /** Those of them that were taken out for what they are, and not for the name of their field. */
  readonly matched: readonly string[]
}

/** @throws an error with the reason for a `match` that is no RE2 */
export function compilePartialRule({ pattern, match, method, name }: RedactRule): PartialRule {
  const named = (pattern ?? []).map((each) => ({ rule: name ?? `pattern:${each}`, find: builtIn[each]! }))
  // A pattern of one's own may say what it keeps out of events: a customer's name.
  const own = (match ?? []).map((source) => ({ rule: name ?? 'match', find: findAll(source) }))
  return { method, finds: [...named, ...own] }
}

function findAll(source: string): Find {
  const pattern = compilePattern(source)
  return (text) => {
    if (!pattern.test(text)) return []
    const spans: [number, number][] = []
    const matcher = pattern.matcher(text)
    while (matcher.find()) if (matcher.end() > matcher.start()) spans.push([matcher.start(), matcher.end()])
    return spans
  }
}

/**
 * Finds texts that are known (not empty ones), whole or within others: what was a secret in one place is one in every
 * other. Short ones are found as words only: a `1` is everywhere.
 */
export function findTexts(texts: readonly string[]): Find {
  return (text) => {
    const spans: [number, number][] = []
    for (const each of texts) {
      for (let at = text.indexOf(each); at >= 0; at = text.indexOf(each, at + each.length)) {
        const end = at + each.length
        if (each.length < shortestPart && !isWhole(text, at, end)) continue
        if (spans.every(([start, to]) => at >= to || end <= start)) spans.push([at, end])
      }
    }
    return spans.toSorted(([a], [b]) => a - b)
  }
}

const shortestPart = 4
const isWhole = (text: string, start: number, end: number): boolean =>
  !/\w/.test(text[start - 1] ?? '') && !/\w/.test(text[end] ?? '')

interface Cut {
  readonly start: number
  readonly end: number
  readonly instead: string
}

/** Undefined where nothing matches: then the text stays. Of parts that overlap, the first rule's is taken whole. */
export function scan(text: string, rules: readonly PartialRule[], hash: KeyedHash): Scanned | undefined {
  let cuts: Cut[] | undefined
  let hits: Scanned['hits'][number][] | undefined
  let dropped = false
  const taken: string[] = []
  const matched: string[] = []
  for (const { method, length, secret, finds, areFields } of rules) {
    const how = { method, length, ...(secret === undefined ? {} : { secret }) }
    for (const { rule, find } of finds) {
      const spans = find(text)
      if (spans.length === 0) continue
      if (method === 'drop') dropped = true
      else {
        const before = cuts?.length ?? 0
        cuts = addCuts(cuts ?? [], spans, (part) => replacement(how, part, hash) ?? '', text)
        // What another rule has taken already is not taken twice.
        if (cuts.length === before) continue
      }
      for (const [start, end] of spans) {
        const part = text.slice(start, end)
        taken.push(part)
        if (areFields === undefined) matched.push(part)
      }
      hits ??= []
      hits.push({ rule, method })
    }
  }
  if (hits === undefined) return undefined
  // Nothing is hashed or masked in a text that is gone.
  if (dropped)
    return { text: undefined, hits: hits.filter(({ method }) => method === 'drop'), taken, matched }
  return { text: cutOut(text, cuts ?? []), hits, taken, matched }
}

/** Of each span, what no earlier rule has taken. */
function addCuts(
  cuts: readonly Cut[],
  spans: Spans,
  insteadOf: (part: string) => string,
  text: string,
): Cut[] {
  const added = spans.flatMap(([start, end]) => {
    const part = text.slice(start, end)
    const instead = insteadOf(part)
    if (instead === part) return []
    const free: Cut[] = []
    let from = start
    for (const cut of cuts) {
      if (cut.end <= from || cut.start >= end) continue
      if (cut.start > from) free.push({ start: from, end: cut.start, instead })
      from = cut.end
    }
    if (from < end) free.push({ start: from, end, instead })
    return free
  })
  return [...cuts, ...added].toSorted((a, b) => a.start - b.start)
}

function cutOut(text: string, cuts: readonly Cut[]): string {
  let left = ''
  let at = 0
  for (const { start, end, instead } of cuts) {
    left += text.slice(at, start) + instead
    at = end
  }
  return left + text.slice(at)
}

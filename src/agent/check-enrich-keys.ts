/**
 * Enrichers that a rule of redaction leaves nothing to read: rules by `key` take fields out of the record before anything
 * is mapped. Told where the enricher's member has the record's own names, below `unmapped` and `metadata`; which field of
 * the record is to become another member is the mapping's affair.
 */

import { isUnconditional } from '../attribution/redact/by-key.ts'
import { calledOf } from '../attribution/redact/field-name.ts'
import type { RedactRule } from '../attribution/redact/rule.ts'
import type { Finding, Path } from '../config/problem.ts'
import { enrichersOf } from './check-enrichers.ts'
import { rulesOf } from './check-redact.ts'

export function checkEnrichKeys(input: unknown): Finding[] {
  return enrichersOf(input).flatMap(({ path, spec, receiver }): Finding[] => {
    const read = memberRead(spec)
    if (read === undefined) return []
    const { at, member } = read
    const places = receiver === undefined ? [['redact']] : [['receivers', receiver, 'redact'], ['redact']]
    const hit = places
      .map((place) => ruleAgainst(member, place, input, at[0] === 'jwt'))
      .find((found) => found !== undefined)
    if (hit === undefined) return []
    const message = `${member} is never there: ${hit} takes it out of the record before it is read. Let the rule leave it${
      at[0] === 'jwt' ? ', the hash of a token takes its place in any case' : ', or look up another member'
    }`
    return [{ severity: 'warning', path: [...path, ...at], at: 'value', message }]
  })
}

/** The free-form member that an enricher looks at, and where that is written. */
function memberRead(spec: object): { readonly at: Path; readonly member: string } | undefined {
  const [[kind, options] = ['', {}]] = Object.entries(spec)
  for (const name of ['token', 'claims', 'key']) {
    const member: unknown = Reflect.get(options as object, name)
    if (typeof member === 'string' && /^(?:unmapped|metadata)\./.test(member))
      return { at: [kind, name], member }
  }
  return undefined
}

/** The first rule that names a part of the member decides about it; undefined where what it leaves can be read. */
function ruleAgainst(member: string, place: Path, input: unknown, isToken: boolean): string | undefined {
  // The first name below `metadata` is the mapping's.
  const names = member.split('.').slice(member.startsWith('metadata.') ? 2 : 1)
  const rules = rulesOf(place.reduce(memberOf, input))
  const keyIn = (rule: RedactRule | undefined) => keysOf(rule).find((key) => names.some(isNamed(key)))
  const at = rules.findIndex((rule) => keyIn(rule) !== undefined)
  const rule = rules[at]
  if (rule === undefined) return undefined
  // A table may well have the hashes for keys; of a token nothing can be read any more.
  const isReadable = (rule.method === 'hash' || rule.method === 'truncate') && !isToken
  return isReadable ? undefined : `${place.join('.')}[${at}] (\`key: ${keyIn(rule)}\`)`
}

const keysOf = (rule: RedactRule | undefined): readonly string[] =>
  rule !== undefined && isUnconditional(rule) ? (rule.key ?? []) : []

const isNamed = (key: string) => (name: string) =>
  calledOf(name, (folded) => folded === key.toLowerCase()) !== undefined

const memberOf = (value: unknown, name: string | number): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

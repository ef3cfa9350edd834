/** Rules of redaction, as the configuration has them after it was read: plain JSON, for worker threads too. */
import type { AuditEvent } from '../../event/audit-event.ts'
import { canonicalize } from '../../event/canonical.ts'
import type { KeyedHash } from '../keyed-hash.ts'
import { isHidden } from './secrets.ts'

export type RedactMethod = 'drop' | 'mask' | 'hash' | 'truncate'

/**
 * Where (`key`, `path`: in any of them; neither: everywhere) and what (`pattern`, `match`: the parts of texts that
 * match; neither: the whole value). With `mode: allow` the other way round: what is nowhere named is taken out.
 */
export interface RedactRule {
  /** Names of fields, at any depth, in any case. */
  readonly key?: readonly string[]
  /** Members of the event; see path.ts. */
  readonly path?: readonly string[]
  /** Names of built-in patterns. */
  readonly pattern?: readonly string[]
  /** RE2. */
  readonly match?: readonly string[]
  /** CEL over the event as it was mapped. */
  readonly when?: string
  readonly mode?: 'allow'
  readonly method: RedactMethod
  /** Of `truncate`: characters that stay. */
  readonly length?: number
  /** What `redactions` calls the rule. */
  readonly name?: string
  /** Of a mapping's `secrets`, never of the configuration; see secrets.ts. */
  readonly secret?: true
}

export type Redaction = NonNullable<AuditEvent['redactions']>[number]

/** What stands where a value was masked. */
export const maskedValue = '***'

/** Whether a rule takes out parts of texts, and not whole values. */
export const isPartial = ({ pattern, match }: RedactRule): boolean =>
  pattern !== undefined || match !== undefined

/** Whether a value decides what befalls it, and not its place alone: what no stencil can follow. */
export const dependsOnValues = (rule: RedactRule): boolean =>
  isPartial(rule) || rule.when !== undefined || rule.method === 'truncate'

/** A value as the text that is hashed: an object or a list is its canonical JSON. */
const asText = (value: unknown): string => (typeof value === 'string' ? value : canonicalize(value))

/** What stands where a whole value was; undefined where nothing does. A text that is short enough stays. */
export function replacement(
  {
    method,
    length = 0,
    secret,
  }: Pick<RedactRule, 'method' | 'secret'> & { readonly length?: number | undefined },
  value: unknown,
  hash: KeyedHash,
): string | undefined {
  if (secret === true && typeof value === 'string' && isHidden(value)) return value
  switch (method) {
    case 'drop':
      return undefined
    case 'mask':
      return maskedValue
    case 'hash':
      return hash(asText(value))
    default:
      return truncated(asText(value), length)
  }
}

/** The first characters of a text: code points, of which those beyond U+FFFF are two units. */
function truncated(text: string, length: number): string {
  if (text.length <= length) return text
  let end = 0
  for (let i = 0; i < length && end < text.length; i++) end += text.codePointAt(end)! > 0xffff ? 2 : 1
  return text.slice(0, end)
}

/** Redaction by key: fields of these names, at any depth, never reach an event. */
import type { AuditEvent } from '../event/audit-event.ts'
import { canonicalize } from '../event/canonical.ts'
import type { KeyedHash } from './keyed-hash.ts'

export interface RedactRule {
  /** Names of fields, in any case. */
  readonly key: readonly string[]
  readonly method: RedactMethod
}

export type RedactMethod = 'drop' | 'mask' | 'hash'

export type Redaction = NonNullable<AuditEvent['redactions']>[number]

export interface KeyRedaction {
  readonly method: RedactMethod
  /** For `redactions[].rule`. */
  readonly rule: string
}

/** What stands where a value was masked. */
const maskedValue = '***'

/** Keys remembered with their answer; a producer has hundreds, an attacker any number. */
const maxRemembered = 4096

/**
 * A function from a field's name to what befalls it, or undefined when no rule exists: then nobody has to ask.
 * The first rule that names a key decides.
 */
export function compileRedaction(
  rules: readonly RedactRule[],
): ((key: string) => KeyRedaction | undefined) | undefined {
  const byKey = new Map<string, KeyRedaction>()
  for (const { key: keys, method } of rules) {
    for (const key of keys) {
      const folded = key.toLowerCase()
      if (!byKey.has(folded)) byKey.set(folded, { method, rule: `key:${folded}` })
    }
  }
  if (byKey.size === 0) return undefined
  const remembered = new Map<string, KeyRedaction | undefined>()
  return (key) => {
    if (remembered.has(key)) return remembered.get(key)
    const found = byKey.get(key.toLowerCase())
    if (remembered.size >= maxRemembered) remembered.clear()
    if (key.length <= 256) remembered.set(key, found)
    return found
  }
}

/** What stands where a value was; undefined where nothing does. An object or a list is hashed as its canonical JSON. */
export function replacement(method: RedactMethod, value: unknown, hash: KeyedHash): string | undefined {
  if (method === 'drop') return undefined
  if (method === 'mask') return maskedValue
  return hash(typeof value === 'string' ? value : canonicalize(value))
}

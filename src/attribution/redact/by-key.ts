/**
 * What the mapping must not read: fields of these names, at any depth of a record, that are dropped or masked. What
 * is hashed or truncated is replaced in the record beforehand (in-record.ts), and can be read.
 */
import { calledOf } from './field-name.ts'
import { isPartial, type RedactMethod, type RedactRule } from './rule.ts'

export interface KeyRedaction {
  readonly method: RedactMethod
  /** For `redactions[].rule`. */
  readonly rule: string
}

/** Keys remembered with their answer; a producer has hundreds, an attacker any number. */
const maxRemembered = 4096

/** Rules that hold for every record, whatever its event will be. */
export const isUnconditional = (rule: RedactRule): boolean =>
  rule.when === undefined && rule.mode === undefined && !isPartial(rule)

/**
 * A function from a field's name to what befalls it, or undefined when no rule exists: then nobody has to ask.
 * The first rule that names a key decides.
 */
export function compileRedaction(
  rules: readonly RedactRule[],
): ((key: string) => KeyRedaction | undefined) | undefined {
  const byKey = new Map<string, KeyRedaction>()
  for (const rule of rules.filter(isUnconditional)) {
    for (const key of rule.key ?? []) {
      const folded = key.toLowerCase()
      if (!byKey.has(folded)) byKey.set(folded, { method: rule.method, rule: rule.name ?? `key:${folded}` })
    }
  }
  for (const [key, { method }] of byKey) if (method === 'hash' || method === 'truncate') byKey.delete(key)
  if (byKey.size === 0) return undefined
  const remembered = new Map<string, KeyRedaction | undefined>()
  return (key) => {
    if (remembered.has(key)) return remembered.get(key)
    const name = calledOf(key, (folded) => byKey.has(folded))
    const found = name === undefined ? undefined : byKey.get(name)
    if (remembered.size >= maxRemembered) remembered.clear()
    if (key.length <= 256) remembered.set(key, found)
    return found
  }
}

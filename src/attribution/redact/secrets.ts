/**
 * Fields that a format is known to write secrets into, as its mapping names them in `secrets`: rules behind those of the
 * configuration, that replace what stands there by its keyed hash. What the producer itself has hidden stays what it is.
 */
import type { RedactRule } from './rule.ts'

export const secretRules = (names: readonly string[]): RedactRule[] =>
  names.map((name) => ({ key: [name], method: 'hash', secret: true, name: `secret:${name}` }))

/** How producers write what they do not say. */
const hidden =
  /^(?:\*+|[[<(]?(?:redacted|masked|removed|hidden|sensitive ?data ?removed)[\])>]?|HIDDEN_DUE_TO_SECURITY_REASONS|Value hidden due to security reasons\.?)$/i

/** HMACs of Vault, and keyed hashes of agents. */
export const hashPrefix = 'hmac-sha256:'

export const isHidden = (text: string): boolean =>
  text === '' || text.startsWith(hashPrefix) || (text.length <= 64 && hidden.test(text))

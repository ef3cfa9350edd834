/**
 * The closed vocabularies of `audit-event/1`. Values may be added within version 1, never removed or given
 * another meaning. Free of dependencies, so that the path of every record can use them.
 */

export const schemaName = 'audit-event/1'

/** The normalised verb. `action` keeps the native one. */
export const operations = [
  'create',
  'read',
  'update',
  'delete',
  'execute',
  'login',
  'logout',
  'grant',
  'revoke',
  'approve',
  'deny',
  'other',
] as const
export type Operation = (typeof operations)[number]

export const categories = [
  'authentication',
  'iam',
  'data',
  'configuration',
  'session',
  'network',
  'process',
  'system',
  'audit',
  'other',
] as const
export type Category = (typeof categories)[number]

/** `denied` (somebody said no) is not `failure` (it was tried and did not work). */
export const outcomeResults = ['success', 'failure', 'denied', 'partial', 'unknown'] as const
export type OutcomeResult = (typeof outcomeResults)[number]

export const actorTypes = ['user', 'service', 'system', 'agent', 'anonymous', 'unknown'] as const

/** How one principal came to act for the one before it. */
export const mechanisms = [
  'impersonation',
  'assume_role',
  'on_behalf_of',
  'token_exchange',
  'sudo',
  'service_account',
  'service_invocation',
  'support_access',
  'other',
] as const

/** Where `time` came from. */
export const timeSources = ['event', 'observed', 'inferred'] as const

export const parseResults = ['ok', 'partial', 'failed'] as const

/** How `raw_data` is written: as text, or base64 where the record's bytes are not UTF-8. */
export const rawEncodings = ['utf-8', 'base64'] as const

export const redactionMethods = ['drop', 'mask', 'hash', 'truncate'] as const

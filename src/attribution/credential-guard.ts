/**
 * An event names credentials and sessions by their ids. Where a producer wrote the secret itself there, its keyed hash
 * takes its place, which still tells one credential from another; and wherever else the same text stands in the event,
 * as in a message or in `unmapped`, it is replaced too. What looks like a secret: secret-forms.ts.
 */
import type { AuditEvent } from '../event/audit-event.ts'
import { looksSecret } from './secret-forms.ts'

type Credential = NonNullable<AuditEvent['credential']>
type Delegate = NonNullable<AuditEvent['delegation']>[number]
type Session = NonNullable<AuditEvent['session']>

/** The members that are guarded: of one mapping slot each. */
export const guardedMembers: ReadonlySet<string> = new Set([
  'credential.id',
  'credential.issuer',
  'credential.scopes',
  'credential.type',
  'delegation.credential_id',
  'delegation.session_id',
  'session.id',
  'session.issuer',
  'session.root_id',
])

/** What `redactions` calls it. */
export const guardRule = 'credential_guard'

/** Anything with the members of an event. */
export interface Guarded {
  credential?: Credential | undefined
  delegation?: readonly Delegate[] | undefined
  session?: Session | undefined
}

export interface GuardFinding {
  /** The member it was found in. */
  readonly path: string
  readonly secret: string
}

/** What of an event's ids looks like a secret; nearly always nothing. */
export function guardCredentials({ credential, delegation, session }: Guarded): readonly GuardFinding[] {
  let found: GuardFinding[] | undefined
  const look = (text: string | undefined, path: string) => {
    if (text === undefined || !looksSecret(text)) return
    found ??= []
    found.push({ path, secret: text })
  }
  if (credential !== undefined) {
    look(credential.id, 'credential.id')
    look(credential.issuer, 'credential.issuer')
    look(credential.type, 'credential.type')
    credential.scopes?.forEach((scope, i) => {
      look(scope, `credential.scopes[${i}]`)
    })
  }
  delegation?.forEach((hop, i) => {
    look(hop.credential_id, `delegation[${i}].credential_id`)
    look(hop.session_id, `delegation[${i}].session_id`)
  })
  if (session !== undefined) {
    look(session.id, 'session.id')
    look(session.issuer, 'session.issuer')
    look(session.root_id, 'session.root_id')
  }
  return found ?? nothing
}

const nothing: readonly GuardFinding[] = Object.freeze([])

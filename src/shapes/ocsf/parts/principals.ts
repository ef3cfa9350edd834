/** Who: OCSF's actor, user and session objects. */
import { compact, type Members, present } from '../../absent.ts'
import type { Line } from '../../line.ts'
import { kindOf, type Target, targetOf } from '../../target-kind.ts'
import { unknownName } from '../part.ts'
import { timesOf } from '../times.ts'

/** `type_id` and its caption; an agent is of no type that OCSF has. */
const userTypes: Readonly<Record<Line['actor']['type'], readonly [number, string]>> = {
  user: [1, 'User'],
  system: [3, 'System'],
  service: [4, 'Service'],
  agent: [99, 'agent'],
  anonymous: [99, 'anonymous'],
  unknown: [0, unknownName],
}

/** `email_t`. */
const email = /^[a-zA-Z0-9!#$%&'*+-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/

const addressOf = (text: string | undefined) => (text !== undefined && email.test(text) ? text : undefined)

/** The principal that it began with. Without a name it is called by its id, or what kind it is. */
export function subject({ actor: principal, credential }: Line): Members {
  const { type, id, name, alt_ids: others, tenant, groups = [], roles = [] } = principal
  const [typeId, caption] = userTypes[type]
  return {
    ...present({
      uid: id,
      name: name ?? id ?? (type === 'anonymous' ? 'anonymous' : unknownName),
      uid_alt: others?.[0],
      email_addr: addressOf(principal.email),
      org: tenant === undefined ? undefined : { uid: tenant },
      groups: [...groups.map((group) => ({ name: group })), ...roles.map((name) => ({ name, type: 'role' }))],
      programmatic_credentials:
        credential?.id === undefined ? undefined : [present({ uid: credential.id, type: credential.type })],
    }),
    type_id: typeId,
    type: caption,
  }
}

export function actor(event: Line): Members {
  const { source, credential, delegation = [] } = event
  const service = delegation.findLast(({ mechanism }) => mechanism === 'service_invocation')
  return {
    user: subject(event),
    ...present({
      session: session(event),
      app_name: service?.name ?? service?.id ?? source?.application,
      app_uid: service?.id,
      idp: credential?.issuer === undefined ? undefined : { name: credential.issuer },
    }),
  }
}

/** A role that was assumed is who issued the session. */
export function session({ session: own, credential, delegation = [] }: Line): Members | undefined {
  const role = delegation.findLast(({ mechanism }) => mechanism === 'assume_role')
  return present({
    uid: own?.id,
    uid_alt: own?.root_id,
    issuer: own?.issuer ?? role?.id,
    credential_uid: credential?.id ?? role?.credential_id,
    is_mfa: credential?.mfa,
    ...timesOf('created_time', own?.created_time),
  })
}

export const isMfa = ({ credential }: Line) => credential?.mfa

export function targetUser(event: Line): Members | undefined {
  const target = targetOf(event, 'user', 'service_account')
  if (target === undefined) return undefined
  const [typeId, caption] = userTypes[kindOf(target) === 'user' ? 'user' : 'service']
  const { id, name } = target
  return {
    ...present({ uid: id, name: name ?? id ?? unknownName, email_addr: addressOf(id) }),
    type_id: typeId,
    type: caption,
  }
}

/** What a target that is no user gives to one who gets it: `user_access` is about such. */
export function privileges({ targets = [] }: Line): string[] {
  const given = (target: Target) =>
    kindOf(target) === 'user' || kindOf(target) === 'service_account' ? undefined : (target.name ?? target.id)
  return compact(targets.map(given))
}

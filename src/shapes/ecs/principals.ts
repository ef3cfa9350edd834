/** Who: ECS's user fields. `user` is who it began with, `user.effective` as whom it was done, `user.target` to whom. */
import { compact, type Members, present } from '../absent.ts'
import type { Line } from '../line.ts'
import { targetOf } from '../target-kind.ts'
import { ipOf } from './places.ts'

const named = ({
  id,
  name,
  tenant,
  email,
}: {
  id?: string
  name?: string
  tenant?: string
  email?: string
}) => present({ id, name: name ?? id, email, domain: tenant })

const targetUser = (event: Line) => targetOf(event, 'user', 'service_account')

export function userOf(event: Line): Members | undefined {
  const { actor, delegation } = event
  const effective = delegation?.at(-1)
  const target = targetUser(event)
  return present({
    ...named(actor),
    roles: actor.roles,
    group: actor.groups === undefined ? undefined : { name: actor.groups },
    effective: effective === undefined ? undefined : named(effective),
    target: target === undefined ? undefined : named(target),
  })
}

export function groupOf(event: Line): Members | undefined {
  const target = targetOf(event, 'group')
  return target === undefined ? undefined : present({ id: target.id, name: target.name })
}

/** Everything that is searched for whatever field it was in. */
export function relatedOf(event: Line): Members | undefined {
  const { actor, delegation = [], source, producer } = event
  const target = targetUser(event)
  return present({
    user: distinct([
      ...[actor, ...delegation, ...(target === undefined ? [] : [target])].flatMap(({ id, name }) => [
        id,
        name,
      ]),
      actor.email,
      ...(actor.alt_ids ?? []),
    ]),
    ip: distinct([source?.ip, ...(source?.ip_chain ?? [])].map(ipOf)),
    hosts: distinct([source?.hostname, producer.host]),
  })
}

const distinct = (values: readonly (string | undefined)[]): string[] => [...new Set(compact(values))]

/** On what: OCSF's resources, entities, files, groups and stores. */
import { type Members, present } from '../../absent.ts'
import type { Line } from '../../line.ts'
import { type Kind, kindOf, type Target, targetOf } from '../../target-kind.ts'
import { unknownName } from '../part.ts'

/** OCSF wants one of uid and name; a target that has neither is called by its type. */
const named = ({ id, name, type }: Target): Members => {
  const members = present({ uid: id, name })
  return members ?? { name: type ?? unknownName }
}

function resourceOf(target: Target): Members {
  const { type, scope = [], attributes } = target
  return {
    ...named(target),
    ...present({
      type,
      namespace: scope.find((level) => level.type === 'namespace')?.id,
      data: attributes,
    }),
    role_id: 1,
    role: 'Target',
  }
}

export const resources = ({ targets = [] }: Line): Members[] => targets.map(resourceOf)

/** What a group is given or loses. */
export function resource({ targets = [] }: Line): Members | undefined {
  const other = targets.find((target) => {
    const kind = kindOf(target)
    return kind !== 'group' && kind !== 'user' && kind !== 'service_account'
  })
  return other === undefined ? undefined : resourceOf(other)
}

/** `type_id` of a managed entity, with its caption. */
const entityTypes: Partial<Record<Kind, readonly [number, string]>> = {
  device: [1, 'Device'],
  user: [2, 'User'],
  service_account: [2, 'User'],
  group: [3, 'Group'],
  organization: [4, 'Organization'],
  policy: [5, 'Policy'],
}

export function entity({ targets: [target] = [] }: Line): Members | undefined {
  if (target === undefined) return undefined
  const kind = kindOf(target)
  const known = kind === undefined ? undefined : entityTypes[kind]
  const [typeId, type] = known ?? (target.type === undefined ? [0, unknownName] : [99, target.type])
  return { ...named(target), ...present({ data: target.attributes }), type_id: typeId, type }
}

export function group(event: Line): Members | undefined {
  const target = targetOf(event, 'group')
  return target === undefined ? undefined : named(target)
}

export function file(event: Line): Members | undefined {
  const target = targetOf(event, 'file')
  if (target === undefined) return undefined
  const path = target.name ?? target.id ?? unknownName
  const folder = /director|folder/i.test(target.type ?? '')
  return {
    ...present({ uid: target.id, path }),
    name: path.split('/').findLast((part) => part !== '') ?? path,
    type_id: folder ? 2 : 0,
    type: folder ? 'Folder' : unknownName,
  }
}

export function process(event: Line): Members | undefined {
  const target = targetOf(event, 'process')
  if (target?.id === undefined) return undefined
  return present({
    uid: target.id,
    pid: /^\d{1,9}$/.test(target.id) ? Number(target.id) : undefined,
    name: target.name,
  })
}

const store =
  (kind: Kind) =>
  (event: Line): Members | undefined => {
    const target = targetOf(event, kind)
    return target === undefined ? undefined : named(target)
  }

const typed = (members: Members | undefined): Members | undefined =>
  members === undefined ? undefined : { ...members, type_id: 0, type: unknownName }

export const table = store('table')
export const database = (event: Line): Members | undefined => typed(store('database')(event))
export const databucket = (event: Line): Members | undefined => typed(store('bucket')(event))

export const logName = ({ targets: [target] = [] }: Line): string | undefined => target?.name ?? target?.id

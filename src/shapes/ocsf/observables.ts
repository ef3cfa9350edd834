/** What an analyst searches for, by where it is in the event: OCSF's observables. */
import type { Members } from '../absent.ts'

/** Paths of attributes, `type_id` and its caption; `[]`: of each element. */
const observed: readonly (readonly [path: string, typeId: number, type: string])[] = [
  ['actor.user.uid', 31, 'User Object: uid'],
  ['actor.user.name', 4, 'User Name'],
  ['actor.user.email_addr', 5, 'Email Address'],
  ['actor.session.credential_uid', 19, 'User Credential ID'],
  ['user.uid', 31, 'User Object: uid'],
  ['user.name', 4, 'User Name'],
  ['src_endpoint.ip', 2, 'IP Address'],
  ['src_endpoint.intermediate_ips[]', 2, 'IP Address'],
  ['src_endpoint.hostname', 1, 'Hostname'],
  ['src_endpoint.location.country', 14, 'Country'],
  ['dst_endpoint.hostname', 1, 'Hostname'],
  ['device.hostname', 1, 'Hostname'],
  ['http_request.user_agent', 16, 'HTTP User-Agent'],
  ['cloud.account.uid', 35, 'Account Object: uid'],
  ['resources[].uid', 10, 'Resource UID'],
  ['resources[].name', 38, 'Resource Details Object: name'],
  ['file.path', 45, 'File Path'],
  ['file.name', 7, 'File Name'],
  ['process.name', 9, 'Process Name'],
  ['group.uid', 33, 'Group Object: uid'],
  ['group.name', 32, 'Group Object: name'],
]

const paths = observed.map(([path, typeId, type]) => ({
  path,
  typeId,
  type,
  steps: path.split('.').map((step) => step.replace('[]', '')),
}))

export function observablesOf(event: Members): Members[] {
  const found: Members[] = []
  for (const { path, typeId, type, steps } of paths) {
    for (const value of valuesAt(event, steps, 0)) {
      found.push({ name: path, type_id: typeId, type, value })
    }
  }
  return found
}

function* valuesAt(value: unknown, steps: readonly string[], at: number): Generator<string> {
  if (Array.isArray(value)) {
    for (const each of value) yield* valuesAt(each, steps, at)
  } else if (at === steps.length) {
    if (typeof value === 'string') yield value
  } else if (typeof value === 'object' && value !== null) {
    yield* valuesAt((value as Members)[steps[at]!], steps, at + 1)
  }
}

// ECS in: nested and dotted, from any producer, and what we wrote ourselves.
import { expect, test } from 'vitest'
import { ecs } from '../../../src/shapes/ecs/ecs.ts'
import { fullEvent } from '../../event/sample-events.ts'
import { lineWith } from '../../shapes/events.ts'
import { invalid, mapOne } from '../normalising.ts'

const preset = { preset: 'ecs' }
const time = { '@timestamp': '2026-11-23T06:58:33.120Z' }

test.each([
  [['iam'], ['creation', 'user'], 'create', 'iam'],
  [['iam'], ['user', 'deletion'], 'delete', 'iam'],
  [['iam'], ['admin', 'group'], 'other', 'iam'],
  [['iam'], ['admin', 'change'], 'update', 'iam'],
  [['authentication'], ['start'], 'login', 'authentication'],
  [['authentication'], ['end'], 'logout', 'authentication'],
  [['session'], ['end'], 'logout', 'session'],
  [['session'], ['start'], 'execute', 'session'],
  [['file'], ['access'], 'read', 'data'],
  [['database'], ['change'], 'update', 'data'],
  [['process'], ['start'], 'execute', 'process'],
  [['configuration'], ['change'], 'update', 'configuration'],
  [['host'], ['info'], 'other', 'system'],
])('%j %j', (categories, types, operation, category) => {
  const nested = mapOne(preset, {
    ...time,
    event: { category: categories, type: types },
    user: { name: 'ada' },
  })
  const dotted = mapOne(preset, {
    ...time,
    'event.category': categories,
    'event.type': types,
    'user.name': 'ada',
  })
  for (const event of [nested, dotted]) {
    expect(event).toMatchObject({ operation, category, actor: { id: 'ada', type: 'user' } })
    expect(event.action).toBe(`${categories[0]}.${types[0]}`)
    expect(invalid(event)).toBeUndefined()
  }
})

test('the action says what the type does not', () => {
  const event = { category: ['iam'], type: ['user'], action: 'added-user-account' }
  expect(mapOne(preset, { ...time, event })).toMatchObject({
    operation: 'create',
    action: 'added-user-account',
  })
})

test.each([
  ['added-member-to-group', 'grant'],
  ['removed-member-from-group', 'revoke'],
  ['AddUserToGroup', 'grant'],
  ['remove_user_from_group', 'revoke'],
  ['privilege-granted', 'grant'],
  ['privilege-revoked', 'revoke'],
  ['role_assigned', 'grant'],
  ['role_unassigned', 'revoke'],
  ['added-user-account', 'update'],
])('%s of an administrator is %s', (action, operation) => {
  const type = ['admin', 'change']
  expect(mapOne(preset, { ...time, event: { category: ['iam'], type, action } })).toMatchObject({ operation })
  expect(
    mapOne(preset, { ...time, 'event.category': ['iam'], 'event.type': type, 'event.action': action }),
  ).toMatchObject({ operation })
})

test.each([
  [{ source: { address: '10.0.0.1' } }, { ip: '10.0.0.1' }],
  [{ source: { address: '2001:db8::1' } }, { ip: '2001:db8::1' }],
  [{ client: { address: 'sts.amazonaws.com' } }, { hostname: 'sts.amazonaws.com' }],
  [{ 'source.address': 'cafe.de' }, { hostname: 'cafe.de' }],
  [{ source: { address: 'dc-1', ip: '10.0.0.1' } }, { hostname: 'dc-1', ip: '10.0.0.1' }],
])('%j: an address is one of IP or a name', (record, source) => {
  expect(mapOne(preset, { ...time, ...record }).source).toEqual(source)
})

test.each([
  [{ event: { outcome: 'success' } }, 'success'],
  [{ event: { outcome: 'failure' } }, 'failure'],
  [{ event: { outcome: 'failure', type: ['access', 'denied'] } }, 'denied'],
  [{ http: { response: { status_code: 403 } } }, 'denied'],
  [{ 'event.outcome': 'success' }, 'success'],
  [{}, 'unknown'],
])('%j is %s', (record, result) => {
  expect(mapOne(preset, { ...time, ...record })).toMatchObject({ outcome: { result } })
})

test.each([
  ['system:serviceaccount:web:api', 'service'],
  ['DC01$', 'service'],
  ['SYSTEM', 'system'],
  ['ada', 'user'],
])('%s is a %s', (name, type) => {
  expect(mapOne(preset, { ...time, user: { name } })).toMatchObject({ actor: { id: name, type } })
})

test('what we wrote ourselves is attributed as it was', () => {
  const { actor, delegation, credential, session, source, outcome } = fullEvent
  const written = ecs.write(lineWith({ ...fullEvent, outcome: { ...outcome, result: 'denied' } }))
  const event = mapOne(preset, JSON.parse(written))
  expect(event).toMatchObject({
    time: fullEvent.time,
    source_event_id: fullEvent.id,
    action: fullEvent.action,
    operation: fullEvent.operation,
    category: fullEvent.category,
    scope: fullEvent.scope,
    targets: fullEvent.targets!.map(({ type, id, name, scope }) => ({ type, id, name, scope })),
    outcome: { result: 'denied', code: '200', reason: 'ok' },
    delegation,
    credential: { id: credential!.id },
    session: { id: session!.id },
  })
  expect(event.actor).toMatchObject({
    id: actor.id,
    name: actor.name,
    email: actor.email,
    tenant: actor.tenant,
  })
  expect(event.source).toMatchObject({ ip: source!.ip, geo: { city: 'Berlin', country: 'DE' }, asn: 64_500 })
  expect(invalid(event)).toBeUndefined()
})

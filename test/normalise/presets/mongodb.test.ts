// MongoDB's three shapes: audit messages, events of Atlas, the server's log.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, mapOne, spec } from '../normalising.ts'

const mongodb = { preset: 'mongodb' }
const ts = { $date: '2026-11-23T06:58:33.431+00:00' }
const users = [{ user: 'ada', db: 'admin' }]

const message = (atype: string, param: object, more: object = {}) =>
  mapOne(mongodb, {
    atype,
    ts,
    remote: { ip: '10.4.3.62', port: 5 },
    users,
    roles: [],
    param,
    result: 0,
    ...more,
  })

test.each([
  ['authenticate', { user: 'ada', db: 'admin', mechanism: 'PLAIN' }, 'login', 'authentication'],
  ['logout', { reason: 'Client has disconnected' }, 'logout', 'authentication'],
  ['authCheck', { command: 'insert', ns: 'shop.orders' }, 'create', 'data'],
  ['authCheck', { command: 'usersInfo', ns: 'admin.$cmd' }, 'read', 'iam'],
  ['authCheck', { command: 'shutdown', ns: 'admin.$cmd' }, 'execute', 'system'],
  ['createUser', { user: 'eve', db: 'admin', roles: [] }, 'create', 'iam'],
  ['dropAllUsersFromDatabase', { db: 'shop' }, 'delete', 'iam'],
  ['revokeRolesFromUser', { user: 'eve', db: 'admin', roles: [] }, 'revoke', 'iam'],
  ['grantPrivilegesToRole', { role: 'r', db: 'shop', privileges: [] }, 'grant', 'iam'],
  ['createIndex', { ns: 'shop.orders', indexName: 'a_1' }, 'create', 'configuration'],
  ['dropCollection', { ns: 'shop.orders' }, 'delete', 'data'],
  ['replSetReconfig', { old: { _id: 'rs0' }, new: { _id: 'rs0' } }, 'update', 'configuration'],
  ['auditConfigure', { previous: {}, config: {} }, 'update', 'audit'],
  ['shutdown', {}, 'execute', 'system'],
  ['clientMetadata', { clientMetadata: { application: { name: 'mongosh' } } }, 'other', 'network'],
])('%s %j', (atype, param, operation, category) => {
  const event = message(atype, param)
  expect(event).toMatchObject({
    operation,
    category,
    actor: { id: 'ada', tenant: 'admin' },
    outcome: { result: 'success' },
  })
  expect(invalid(event)).toBeUndefined()
})

test.each([
  [0, 'success', undefined],
  [13, 'denied', 'Unauthorized'],
  [18, 'failure', 'AuthenticationFailed'],
  [11_000, 'failure', undefined],
])('result %i', (result, outcome, reason) => {
  const event = message('authCheck', { command: 'find', ns: 'shop.orders' }, { result })
  expect(event.outcome).toEqual({
    result: outcome,
    code: String(result),
    ...(reason !== undefined && { reason }),
  })
})

test('a renamed collection says what it is called now', () => {
  const event = message('renameCollection', { old: 'shop.orders', new: 'shop.old_orders' })
  expect(event).toMatchObject({
    targets: [{ type: 'collection', id: 'shop.orders', attributes: { renamed_to: 'shop.old_orders' } }],
  })
})

test('a socket is no address, the server itself is no user, and without a user nobody logged in', () => {
  const socket = message('authCheck', { command: 'find', ns: 'a.b' }, { remote: { unix: '/tmp/m.sock' } })
  expect(socket).toMatchObject({ metadata: { socket: '/tmp/m.sock' } })
  expect(socket).not.toHaveProperty('source')
  expect(
    message('authCheck', { command: 'find', ns: 'a.b' }, { users: [{ user: '__system', db: 'local' }] }),
  ).toMatchObject({ actor: { id: '__system', type: 'system' } })
  const nobody = message('authCheck', { command: 'find', ns: 'a.b' }, { users: [], result: 13 })
  expect(nobody.actor).toEqual({ type: 'anonymous' })
})

test('several users of one session, roles, a load balancer', () => {
  const event = message(
    'authCheck',
    { command: 'find', ns: 'a.b' },
    {
      users: [...users, { user: 'bob', db: 'shop' }],
      roles: [
        { role: 'read', db: 'shop' },
        { role: 'backup', db: 'admin' },
      ],
      intermediates: [{ ip: '10.0.0.7', port: 1 }],
    },
  )
  expect(event).toMatchObject({
    actor: { id: 'ada', alt_ids: ['bob'], roles: ['read', 'backup'] },
    source: { ip: '10.4.3.62', ip_chain: ['10.4.3.62', '10.0.0.7'] },
  })
})

test('an API key acts in Atlas, an employee of MongoDB is marked, a failure is one', () => {
  const key = mapOne(mongodb, {
    eventTypeName: 'API_KEY_CREATED',
    publicKey: 'abcdefgh',
    apiKeyId: 'k_1',
    orgId: 'o',
  })
  expect(key).toMatchObject({ actor: { id: 'abcdefgh', type: 'service' }, credential: { id: 'k_1' } })
  const staff = mapOne(mongodb, {
    eventTypeName: 'CLUSTER_UPDATED',
    username: 'x@mongodb.com',
    isGlobalAdmin: true,
  })
  expect(staff).toMatchObject({ actor: { roles: ['mongodb_employee'] } })
  expect(mapOne(mongodb, { eventTypeName: 'SNAPSHOT_FAILED' })).toMatchObject({
    outcome: { result: 'failure' },
  })
})

test.each([
  [
    'I',
    5_286_306,
    'Successfully authenticated',
    { client: '[::1]:5', user: 'ada', db: 'admin' },
    'success',
    '::1',
  ],
  [
    'I',
    20_249,
    'Authentication failed',
    { remote: '10.0.0.1:5', principalName: 'ada' },
    'failure',
    '10.0.0.1',
  ],
  [
    'W',
    20_436,
    'Checking authorization failed',
    { error: { code: 13, errmsg: 'not authorized' } },
    'denied',
    undefined,
  ],
] as const)('%s %i of the server log', (s, id, msg, attr, result, ip) => {
  const event = mapOne(mongodb, { t: ts, s, c: 'ACCESS', id, ctx: 'conn4', msg, attr })
  expect(event).toMatchObject({ outcome: { result }, message: msg, session: { id: 'conn4' } })
  expect((event.source as { ip?: string } | undefined)?.ip).toBe(ip)
  expect(invalid(event)).toBeUndefined()
})

const samples = join(import.meta.dirname, '../../../../shared/samples/mongodb-atlas/events.jsonl')

test.skipIf(!existsSync(samples))('the samples of Atlas: two of ten say neither who nor what', () => {
  const text = readFileSync(samples, 'utf8')
  const events = eventsOf(
    lines(
      compileNormaliser(
        spec(mongodb, { require: { default: ['actor.id', 'action', 'targets', 'outcome.result'] } }),
      ),
      text,
    ),
  )
  expect(events).toHaveLength(text.trimEnd().split('\n').length)
  for (const event of events) {
    expect(invalid(event)).toBeUndefined()
    expect(event).toMatchObject({ quality: { parse: 'ok' } })
  }
  const incomplete = events.filter(
    ({ attribution }) => (attribution as { complete: boolean }).complete === false,
  )
  expect(incomplete.map(({ action }) => action)).toEqual([
    'atlas:cat_jumped',
    'atlas:IDENTITY_PROVIDER_CREATED',
  ])
})

test('every role of who acts, however many', () => {
  const roles = Array.from({ length: 12 }, (_, n) => ({ role: `r${n}`, db: 'admin' }))
  const event = message('logout', {}, { roles })
  expect(event).toMatchObject({ actor: { roles: roles.map(({ role }) => role) } })
  expect(event.unmapped).toMatchObject({ roles: roles.map(() => ({ db: 'admin' })) })
})

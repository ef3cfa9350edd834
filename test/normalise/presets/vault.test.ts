// HashiCorp Vault and OpenBao: what a request is about, who made it, and what of it is no secret.
import { expect, test } from 'vitest'
import { invalid, mapOne } from '../normalising.ts'

const vault = { preset: 'vault' }
const time = '2026-11-23T06:58:33Z'
const token = { accessor: 'hmac-sha256:aa', display_name: 'token', entity_id: 'e-1' }

const entry = (operation: string, path: string, more: object = {}) =>
  mapOne(vault, { time, type: 'response', auth: token, request: { id: 'r-1', operation, path }, ...more })

test.each([
  ['read', 'secret/data/db', 'read', 'data'],
  ['list', 'secret/metadata/', 'read', 'data'],
  ['update', 'auth/token/create', 'create', 'iam'],
  ['update', 'auth/token/revoke-self', 'revoke', 'iam'],
  ['update', 'auth/token/renew-self', 'update', 'iam'],
  ['read', 'auth/token/lookup-self', 'read', 'iam'],
  ['update', 'auth/userpass/users/eve', 'update', 'iam'],
  ['update', 'identity/entity', 'update', 'iam'],
  ['delete', 'sys/policies/acl/ops', 'delete', 'iam'],
  ['update', 'sys/audit/file', 'update', 'audit'],
  ['delete', 'sys/audit/file', 'delete', 'audit'],
  ['update', 'sys/mounts/kv', 'update', 'configuration'],
  ['update', 'sys/seal', 'execute', 'system'],
  ['update', 'sys/leases/revoke-prefix/db', 'revoke', 'iam'],
  ['update', 'sys/wrapping/unwrap', 'read', 'data'],
  ['rollback', 'pki/', 'delete', 'data'],
])('%s %s', (operation, path, expected, category) => {
  const event = entry(operation, path)
  expect(event).toMatchObject({ operation: expected, category, action: `vault:${operation}:${path}` })
  expect(event).toMatchObject({ outcome: { result: 'success' }, actor: { id: 'e-1' } })
  expect(invalid(event)).toBeUndefined()
})

test('engines have verbs of their own', () => {
  const call = (mount: string) =>
    mapOne(vault, { time, request: { id: 'r', operation: 'update', path: 'x/y', mount_type: mount } })
      .operation
  expect(['transit', 'pki', 'kv'].map(call)).toEqual(['execute', 'create', 'update'])
})

test.each([
  ['permission denied', 'denied'],
  ['1 error occurred:\n\t* permission denied\n\n', 'denied'],
  ['invalid credentials', 'failure'],
  [undefined, 'success'],
])('the error %j', (error, result) => {
  expect(entry('read', 'secret/x', { error })).toMatchObject({ outcome: { result } })
})

test('what policies forbid is denied, whatever the error says', () => {
  const auth = { ...token, policy_results: { allowed: false } }
  expect(entry('read', 'secret/x', { auth, type: 'request' })).toMatchObject({
    outcome: { result: 'denied' },
  })
})

test('a request says nothing of its outcome yet', () => {
  expect(entry('read', 'secret/x', { type: 'request' })).toMatchObject({ outcome: { result: 'unknown' } })
})

test('a failed login is of whom it names', () => {
  const event = mapOne(vault, {
    time,
    type: 'response',
    auth: { token_type: 'default' },
    request: { id: 'r-2', operation: 'update', path: 'auth/ldap/login/eve', mount_type: 'ldap' },
    error: 'ldap operation failed',
  })
  expect(event).toMatchObject({
    operation: 'login',
    category: 'authentication',
    actor: { id: 'eve', type: 'user' },
    outcome: { result: 'failure', reason: 'ldap operation failed' },
  })
})

test('an answered login has its new token on both sides; a token that makes another one logs nobody in', () => {
  const auth = { accessor: 'hmac-sha256:bb', display_name: 'approle', entity_id: 'e-2', token_type: 'batch' }
  const login = entry('update', 'auth/approle/login', { auth, response: { auth } })
  expect(login).toMatchObject({
    operation: 'login',
    actor: { id: 'e-2', name: 'approle', type: 'service' },
    credential: { id: 'hmac-sha256:bb', type: 'batch' },
  })
  expect(login.targets).toHaveLength(1)
  const child = entry('update', 'auth/token/create', { response: { auth } })
  expect(child).toMatchObject({
    operation: 'create',
    actor: { id: 'e-1' },
    targets: [{ id: 'auth/token/create' }, { type: 'token', id: 'hmac-sha256:bb' }],
  })
})

test('requests and responses of one id are two events, the same from every audit device', () => {
  const [request, response, again] = ['request', 'response', 'response'].map((type) =>
    entry('read', 'secret/x', { type }),
  )
  expect(response!.id).toBe(again!.id)
  expect(request!.id).not.toBe(response!.id)
})

test('OpenBao is told by its plugins', () => {
  const request = {
    id: 'r',
    operation: 'read',
    path: 'secret/x',
    mount_running_version: 'v2.4.0+builtin.bao',
  }
  expect(mapOne(vault, { time, type: 'request', request })).toMatchObject({
    producer: { product: 'openbao', vendor: 'OpenBao' },
  })
  expect(entry('read', 'secret/x')).toMatchObject({ producer: { product: 'vault', vendor: 'HashiCorp' } })
})

test('KMIP entries are kept whole, under what they are', () => {
  const event = mapOne(vault, { time, type: 'kmip-response', kmip: { operation: 'Get', scope: 'finance' } })
  expect(event).toMatchObject({
    action: 'vault:kmip-response',
    outcome: { result: 'success' },
    unmapped: { kmip: { operation: 'Get', scope: 'finance' } },
  })
})

test('HMACs stay where they were, and nothing of an entry is lost', () => {
  const event = entry('read', 'secret/x', {
    response: { data: { password: 'hmac-sha256:cc' } },
    forwarded: true,
  })
  expect(event.unmapped).toMatchObject({
    response: { data: { password: 'hmac-sha256:cc' } },
    forwarded: true,
  })
})

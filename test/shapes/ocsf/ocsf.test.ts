// What the ocsf shape writes is valid for its class, and says what the event says.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/event/audit-event.ts'
import { canonicalize } from '../../../src/event/canonical.ts'
import { ocsf, ocsf19 } from '../../../src/shapes/ocsf/ocsf.ts'
import { fullEvent, leastEvent } from '../../event/sample-events.ts'
import { anyEvent, linesOfSample, lineWith, sampleFiles } from '../events.ts'
import { problemsOf } from './ocsf-schema.ts'

type Members = Readonly<Record<string, unknown>>

const written = (event: AuditEvent, shape = ocsf): Members =>
  JSON.parse(shape.write(lineWith(event))) as Members

describe.each([ocsf, ocsf19])('$name is valid', (shape) => {
  test('for any event', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(problemsOf(JSON.parse(shape.write(lineWith(event, 'raw'))))).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test.skipIf(sampleFiles.length === 0).each(sampleFiles.length === 0 ? ['absent'] : sampleFiles)(
    'for %s',
    (file) => {
      for (const line of linesOfSample(file, 2)) expect(problemsOf(JSON.parse(shape.write(line)))).toEqual([])
    },
  )
})

test.each([
  ['authentication', 'login', {}, 'Authentication: Logon'],
  ['authentication', 'logout', {}, 'Authentication: Logoff'],
  ['iam', 'create', { targets: [{ type: 'user', id: 'u' }] }, 'Account Change: Create'],
  ['iam', 'create', { targets: [{ type: 'role', id: 'r' }] }, 'Entity Management: Create'],
  ['iam', 'delete', { targets: [{ type: 'team', id: 't' }] }, 'Group Management: Delete'],
  [
    'iam',
    'grant',
    {
      targets: [
        { type: 'user', id: 'u' },
        { type: 'group', id: 'g' },
      ],
    },
    'Group Management: Add User',
  ],
  ['iam', 'grant', { targets: [{ type: 'group', id: 'g' }] }, 'Group Management: Assign Privileges'],
  [
    'iam',
    'revoke',
    {
      targets: [
        { type: 'user', id: 'u' },
        { type: 'role', id: 'r' },
      ],
    },
    'User Access Management: Revoke Privileges',
  ],
  ['iam', 'update', { targets: undefined }, 'API Activity: Update'],
  ['data', 'read', { targets: [{ type: 'table', id: 't' }] }, 'Datastore Activity: Read'],
  ['data', 'delete', { targets: [{ type: 'file', id: '/etc/passwd' }] }, 'File System Activity: Delete'],
  ['data', 'approve', {}, 'API Activity: Other'],
  ['configuration', 'update', {}, 'API Activity: Update'],
  ['network', 'read', { request: { method: 'get', path: '/' } }, 'HTTP Activity: Get'],
  ['network', 'create', { request: undefined }, 'API Activity: Create'],
  ['process', 'execute', { targets: [{ type: 'process', id: '17' }] }, 'Process Activity: Launch'],
  ['audit', 'delete', {}, 'Event Log Activity: Delete'],
  ['system', 'other', {}, 'Base Event: Other'],
  ['other', 'create', {}, 'API Activity: Create'],
] as const)('%s and %s', (category, operation, more, name) => {
  const event = Object.fromEntries(
    Object.entries({ ...fullEvent, category, operation, ...more }).filter(([, value]) => value !== undefined),
  ) as AuditEvent
  expect(written(event).type_name).toBe(name)
})

test('who it was, on whose behalf, with what', () => {
  const { actor, enrichments, src_endpoint: source, metadata, observables } = written(fullEvent)
  expect(actor).toMatchObject({
    user: {
      uid: 'u_42',
      name: 'User 42',
      type_id: 1,
      email_addr: 'u42@example.com',
    },
    session: { uid: 's_1', credential_uid: 'ak_1', is_mfa: true, issuer: 'idp' },
  })
  expect(enrichments).toEqual([
    {
      name: 'actor.user.uid',
      value: 'role/approver',
      type: 'delegation',
      short_desc: 'assume_role',
      data: fullEvent.delegation![0],
    },
  ])
  expect(source).toMatchObject({ ip: '10.4.3.62', port: 51_234, intermediate_ips: ['10.0.0.1'] })
  expect(metadata).toMatchObject({ uid: fullEvent.id, event_code: 'invoice.approve', sequence: 41 })
  expect(observables).toContainEqual({
    name: 'src_endpoint.ip',
    type_id: 2,
    type: 'IP Address',
    value: '10.4.3.62',
  })
})

test('a role that was assumed issued the session', () => {
  const { session: _, ...event } = fullEvent
  expect(written(event).actor).toMatchObject({ session: { issuer: 'role/approver' } })
})

test('denied is a failure that a control made', () => {
  const document = written({ ...fullEvent, outcome: { result: 'denied', code: '403', reason: 'no' } })
  expect(document).toMatchObject({
    status_id: 2,
    status_code: '403',
    status_detail: 'no',
    action_id: 2,
    disposition_id: 2,
  })
  expect(document.metadata).toMatchObject({ profiles: ['datetime', 'host', 'security_control', 'trace'] })
})

test('a call by HTTP has its method, path and status', () => {
  const request = { method: 'get', path: '/invoices?id=7' }
  const document = written({
    ...fullEvent,
    category: 'network',
    request,
    outcome: { result: 'failure', code: '404' },
  })
  expect(document).toMatchObject({
    type_name: 'HTTP Activity: Get',
    http_request: { http_method: 'GET', url: { path: '/invoices', query_string: 'id=7' } },
    http_response: { code: 404 },
    status_code: '404',
  })
})

test('an event of a cloud has the cloud profile', () => {
  const document = written({
    ...fullEvent,
    producer: { ...fullEvent.producer, vendor: 'AWS' },
    scope: [
      { type: 'organization', id: 'o-1' },
      { type: 'account', id: '123456789012' },
    ],
  })
  expect(document.metadata).toMatchObject({ profiles: ['cloud', 'datetime', 'host', 'trace'] })
  expect(document.cloud).toEqual({
    provider: 'AWS',
    region: 'eu-central-1',
    account: { uid: '123456789012', type_id: 10, type: 'AWS Account' },
    org: { uid: 'o-1' },
  })
  const login = written({
    ...fullEvent,
    category: 'authentication',
    operation: 'login',
    producer: { product: 'p', vendor: 'Google' },
  })
  expect(login).toMatchObject({ class_uid: 3002, api: { operation: 'invoice.approve' } })
})

test('times have milliseconds, and every digit beside them', () => {
  const time = '2026-11-23T11:00:00.123456789Z'
  expect(written({ ...leastEvent, time })).toMatchObject({
    time: Date.UTC(2026, 10, 23, 11, 0, 0, 123),
    time_dt: time,
  })
})

test('1.9 attests the bytes of the event that it carries, and what the producer attested', () => {
  const [own, producers] = written(fullEvent, ocsf19).attestation_list as Members[]
  const bytes = canonicalize(fullEvent)
  expect(own).toMatchObject({ uid: 'affiant/node-1/1/41', chain_uid: 'affiant/node-1/1' })
  expect(own).toMatchObject({ fingerprint: { value: createHash('sha256').update(bytes).digest('hex') } })
  expect(producers).toMatchObject({
    authority_uid: 'billing',
    chain_uid: 'cc',
    signatures: [{ algorithm: 'ed25519', serialization: 'JCS', state: 'Valid', digest: { value: 'c2ln' } }],
    prev_event: { uid: 'bb', fingerprint: { value: 'aa' } },
  })
})

test('an event of another producer carries none of ours', () => {
  const { unmapped: _, ...document } = written(fullEvent)
  expect(() => ocsf.read(document)).toThrow('has no unmapped.affiant_event')
})

test('what was altered is refused', () => {
  const document = written(fullEvent)
  const { affiant_event: carried } = document.unmapped as Members
  const line = String(carried).replace('u_42', 'u_4321')
  expect(() => ocsf.read({ ...document, unmapped: { affiant_event: line } })).toThrow(
    'was altered: log.size says',
  )
})

test('1.9 also finds what was altered without another length', () => {
  const document = JSON.parse(ocsf19.write(lineWith(fullEvent, 'raw'))) as Members
  const { affiant_event: carried } = document.unmapped as Members
  const line = String(carried).replace('u_42', 'u_43')
  expect(() => ocsf19.read({ ...document, unmapped: { affiant_event: line } })).toThrow(
    'its attestation is of another event',
  )
  expect(ocsf19.read(document)).toEqual([lineWith(fullEvent, 'raw')])
})

test('the validator of these tests finds what is wrong', () => {
  const document = written(fullEvent)
  const { metadata: _, ...nothing } = document
  expect(problemsOf(nothing)).not.toEqual([])
  const wrong: Members = {
    src_endpoint: undefined,
    severity_id: 7,
    status: 'Failure',
    api: { service: {} },
    nonsense: 1,
  }
  expect(problemsOf({ ...document, ...wrong })).toEqual([
    'severity_id knows no 7',
    'severity beside severity_id is Informational, not undefined',
    'status beside status_id is Failure, not Success',
    'api.service. has none of name, uid',
    'api.operation is missing',
    'src_endpoint is no object',
    'nonsense is unknown',
    'src_endpoint is missing',
  ])
})

import { describe, expect, test } from 'vitest'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, mapOne, observed, spec, stream } from './normalising.ts'

describe('json', () => {
  const json = { preset: 'json' }

  test('the record of the first ten minutes', () => {
    const record = {
      ts: '2026-11-23T12:00:00+01:00',
      user: 'u_42',
      event: 'invoice.approve',
      invoice: 'inv_7',
      password: 'x',
    }
    const event = mapOne(json, record, {
      require: { default: ['actor.id', 'action', 'targets', 'outcome.result'] },
      redact: [{ key: ['password'], method: 'drop' }],
    })
    expect(event).toMatchObject({
      time: '2026-11-23T11:00:00.000000000Z',
      actor: { id: 'u_42', type: 'user' },
      action: 'invoice.approve',
      operation: 'approve',
      targets: [{ id: 'inv_7', type: 'invoice' }],
      attribution: { complete: false, missing: ['outcome.result'] },
      redactions: [{ method: 'drop', path: 'unmapped.password', rule: 'key:password' }],
    })
    expect(event).not.toHaveProperty('unmapped')
  })

  test.each([
    [{ event: 'user.login', success: false }, 'login', 'authentication', 'failure'],
    [{ action: 'CreateUser', status: 'OK' }, 'create', 'iam', 'success'],
    [{ event_type: 'role_assigned', outcome: 'DENIED' }, 'grant', 'iam', 'denied'],
    [{ event: { action: 'config.update', outcome: 'success' } }, 'update', 'configuration', 'success'],
    [{ action: 'report.export', status: 403 }, 'read', 'data', 'denied'],
    [{ action: 'order.delete', status_code: 500 }, 'delete', 'data', 'failure'],
    [{ action: 'user_login_failed' }, 'login', 'authentication', 'failure'],
    [{ action: 'something' }, 'other', 'other', 'unknown'],
  ])('%j', (record, operation, category, result) => {
    expect(mapOne(json, record)).toMatchObject({ operation, category, outcome: { result } })
  })

  test('who acts is not who is acted upon', () => {
    const both = mapOne(json, {
      actor: 'admin',
      user: 'u_9',
      action: 'user.delete',
      email: 'nine@example.com',
    })
    expect(both).toMatchObject({ actor: { id: 'admin' }, targets: [{ type: 'user', id: 'u_9' }] })
    expect(both.actor).not.toHaveProperty('email')
    const alone = mapOne(json, { user: 'u_9', action: 'user.logout' })
    expect(alone).toMatchObject({ actor: { id: 'u_9' } })
    expect(alone).not.toHaveProperty('targets')
  })

  test('a redacted field is no target, whatever the action is called', () => {
    const event = mapOne(
      json,
      { action: 'password.reset', password: 'hunter2', user: { password: 'hunter3', id: 1 } },
      { redact: [{ key: ['PASSWORD'], method: 'mask' }] },
    )
    expect(JSON.stringify(event)).not.toContain('hunter')
    expect(event).toMatchObject({ unmapped: { password: '***', user: { password: '***' } } })
  })

  test('a value that no table knows stays where it was', () => {
    const event = mapOne(json, { status: 'archived', severity: 'odd', ts: 'yesterday' })
    expect(event).toMatchObject({
      outcome: { result: 'unknown' },
      time_source: 'observed',
      unmapped: { status: 'archived', severity: 'odd', ts: 'yesterday' },
    })
  })
})

describe('kubernetes', () => {
  const exec = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    auditID: '57a794de-44d3-40ee-a0ad-c0eb096eef6c',
    stage: 'ResponseComplete',
    verb: 'create',
    user: { username: 'system:serviceaccount:ci:runner', groups: ['system:serviceaccounts'] },
    impersonatedUser: { username: 'jane', groups: ['dev'] },
    sourceIPs: ['10.0.0.1', '10.0.0.2'],
    objectRef: { resource: 'pods', namespace: 'foo', name: 'p1', apiVersion: 'v1', subresource: 'exec' },
    responseStatus: { metadata: {}, code: 101 },
    requestReceivedTimestamp: '2023-05-17T15:08:22.763960Z',
  }

  test('a call by a service account as somebody else', () => {
    expect(mapOne({ preset: 'kubernetes' }, exec)).toMatchObject({
      action: 'k8s:create:pods/exec',
      operation: 'execute',
      category: 'process',
      time: '2023-05-17T15:08:22.763960000Z',
      source_event_id: '57a794de-44d3-40ee-a0ad-c0eb096eef6c/ResponseComplete',
      actor: { id: 'system:serviceaccount:ci:runner', type: 'service', groups: ['system:serviceaccounts'] },
      delegation: [{ id: 'jane', mechanism: 'impersonation', type: 'user' }],
      outcome: { code: '101', result: 'success' },
      scope: [{ id: 'foo', type: 'namespace' }],
      source: { ip: '10.0.0.1', ip_chain: ['10.0.0.1', '10.0.0.2'] },
      targets: [{ id: 'p1', name: 'p1', type: 'pods', scope: [{ id: 'foo', type: 'namespace' }] }],
      metadata: { impersonated_groups: ['dev'] },
    })
  })

  test.each([
    [{ responseStatus: { code: 403 } }, 'denied'],
    [{ responseStatus: { code: 404 } }, 'failure'],
    [{ annotations: { 'authorization.k8s.io/decision': 'forbid' } }, 'denied'],
    [{ stage: 'RequestReceived' }, 'unknown'],
    [{ stage: 'Panic' }, 'failure'],
  ])('outcome of %j', (record, result) => {
    expect(mapOne({ preset: 'kubernetes' }, { verb: 'get', ...record })).toMatchObject({
      outcome: { result },
    })
  })

  test('a time without an offset is read as UTC, and says so', () => {
    expect(
      mapOne({ preset: 'kubernetes' }, { requestReceivedTimestamp: '2022-11-29 00:09:04.38' }),
    ).toMatchObject({
      time: '2022-11-29T00:09:04.380000000Z',
      time_source: 'inferred',
      original_time: '2022-11-29 00:09:04.38',
      quality: { parse: 'ok', warnings: ['time: no offset, read as UTC'] },
    })
  })

  test('an EventList is as many events, each with its own id', () => {
    const list = { kind: 'EventList', items: [{ verb: 'get' }, { verb: 'list' }, exec] }
    const batch = lines(compileNormaliser(spec({ preset: 'kubernetes' })), `${JSON.stringify(list)}\n`)
    const events = eventsOf(batch)
    expect(batch).toMatchObject({ count: 3, records: 3, unparsed: 0 })
    expect(events.map(({ action }) => action)).toEqual(['k8s:get', 'k8s:list', 'k8s:create:pods/exec'])
    expect(new Set(events.map(({ id }) => id)).size).toBe(3)
    expect(events.map(({ provenance }) => provenance)).toMatchObject([
      { index: 0 },
      { index: 1 },
      { index: 2 },
    ])
    expect(events[0]).toMatchObject({ metadata: { envelope: { kind: 'EventList' } } })
    for (const event of events) expect(invalid(event)).toBeUndefined()
  })

  test('the same event has the same id, wherever it was read', () => {
    const normaliser = compileNormaliser(spec({ preset: 'kubernetes' }))
    const [one] = eventsOf(lines(normaliser, `${JSON.stringify(exec)}\n`))
    const [other] = eventsOf(lines(normaliser, `${JSON.stringify(exec)}\n`, 5000))
    expect(one!.id).toBe(other!.id)
  })
})

describe('otlp', () => {
  const normaliser = compileNormaliser(spec({ preset: 'otlp' }))
  const one = (value: Record<string, unknown>, id?: { uuid: string }) =>
    eventsOf(
      normaliser.records({
        stream,
        records: [{ value, ...(id === undefined ? {} : { id }) }],
        index: 4,
        observed,
        peer: { ip: '127.0.0.1' },
      }),
    )[0]!

  test('the attributes of the audit signal', () => {
    const uuid = '018f3c1e-7b1a-7c3e-9d54-0a1b2c3d4e5f'
    const value = {
      timestamp: '1763895600123456789',
      attributes: {
        'audit.record.id': uuid,
        'audit.actor.id': 'u_42',
        'audit.actor.type': 'user',
        'audit.action': 'invoice.approve',
        'audit.outcome': 'success',
        'audit.target.id': 'inv_7',
        'audit.target.type': 'invoice',
        'app.own': [1, 2],
      },
      resource: { 'service.name': 'billing', 'host.arch': 'arm64' },
      scope: { name: 'audit' },
      trace_id: '0af7651916cd43dd8448eb211c80319c',
    }
    const event = one(value, { uuid })
    expect(invalid(event)).toBeUndefined()
    expect(event).toMatchObject({
      id: uuid,
      time: '2025-11-23T11:00:00.123456789Z',
      actor: { id: 'u_42', type: 'user' },
      operation: 'approve',
      outcome: { result: 'success' },
      targets: [{ id: 'inv_7', type: 'invoice' }],
      producer: { product: 'billing' },
      request: { trace_id: '0af7651916cd43dd8448eb211c80319c' },
      provenance: { index: 4, peer: { ip: '127.0.0.1' } },
      unmapped: {
        attributes: { 'app.own': [1, 2] },
        resource: { 'host.arch': 'arm64' },
      },
    })
  })

  test('a structured body, as the json preset reads it', () => {
    const event = one({
      attributes: {},
      body: { user: 'u_1', event: 'order.create', order: 'o_1', x: 1 },
      resource: {},
    })
    expect(event).toMatchObject({
      actor: { id: 'u_1' },
      action: 'order.create',
      operation: 'create',
      targets: [{ id: 'o_1', type: 'order' }],
      unmapped: { body: { x: 1 } },
    })
  })
})

// OCSF in: from any producer by class families, and what we wrote ourselves.
import { expect, test } from 'vitest'
import { ocsf } from '../../../src/shapes/ocsf/ocsf.ts'
import { fullEvent } from '../../event/sample-events.ts'
import { lineWith } from '../../shapes/events.ts'
import { invalid, mapOne } from '../normalising.ts'

const preset = { preset: 'ocsf' }
const base = { time: 1_795_417_113_120, metadata: { version: '1.5.0', product: { name: 'x' } } }

const classEvent = (type: number, more: object = {}) =>
  mapOne(preset, {
    ...base,
    type_uid: type,
    class_uid: Math.floor(type / 100),
    category_uid: Math.floor(type / 100_000),
    activity_id: type % 100,
    actor: { user: { uid: 'u_1', type_id: 1 } },
    ...more,
  })

test.each([
  [300_201, 'login', 'authentication'],
  [300_202, 'logout', 'authentication'],
  [300_101, 'create', 'iam'],
  [300_103, 'update', 'iam'],
  [300_106, 'delete', 'iam'],
  [300_107, 'grant', 'iam'],
  [300_502, 'revoke', 'iam'],
  [300_603, 'grant', 'iam'],
  [300_816, 'other', 'iam'],
  [300_301, 'grant', 'session'],
  [600_301, 'create', 'data'],
  [600_108, 'grant', 'data'],
  [600_204, 'execute', 'system'],
  [600_504, 'read', 'data'],
  [600_613, 'revoke', 'data'],
  [100_104, 'delete', 'data'],
  [100_701, 'execute', 'process'],
  [100_801, 'delete', 'audit'],
  [400_206, 'create', 'network'],
  [400_101, 'other', 'network'],
  [0, 'other', 'other'],
])('%i', (type, operation, category) => {
  const event = classEvent(type)
  expect(event).toMatchObject({ operation, category, actor: { id: 'u_1', type: 'user' } })
  expect(event.time).toBe('2026-11-23T06:58:33.120000000Z')
  expect(invalid(event)).toBeUndefined()
})

test('the user of a login acts, the user of an account change is acted upon', () => {
  const login = classEvent(300_201, { actor: undefined, user: { uid: 'u_7', type_id: 4 } })
  expect(login).toMatchObject({ actor: { id: 'u_7', type: 'service' } })
  expect(login).not.toHaveProperty('targets')
  const change = classEvent(300_103, { user: { uid: 'u_7', name: 'Eve' } })
  expect(change).toMatchObject({ actor: { id: 'u_1' }, targets: [{ type: 'user', id: 'u_7', name: 'Eve' }] })
})

test.each([
  [{ status_id: 1 }, 'success'],
  [{ status_id: 2 }, 'failure'],
  [{ status_id: 2, action_id: 2 }, 'denied'],
  [{ status_id: 2, disposition_id: 26 }, 'denied'],
  [{ status_id: 99, status: 'Partial' }, 'partial'],
  [{ status_id: 0 }, 'unknown'],
  [{ api: { response: { code: 13 } } }, 'denied'],
  [{ api: { response: { code: 403 } } }, 'denied'],
  [{ api: { response: { error: 'Client.UnauthorizedOperation' } }, status_id: 2 }, 'denied'],
  [{ http_response: { code: 201 } }, 'success'],
])('%j is %s', (more, result) => {
  expect(classEvent(600_302, more)).toMatchObject({ outcome: { result } })
})

test('a service that calls for a user is a hop', () => {
  const event = classEvent(600_301, {
    actor: { user: { uid: 'u_1', type_id: 1 }, app_name: 'cloudformation.amazonaws.com' },
  })
  expect(event.delegation).toEqual([
    { id: 'cloudformation.amazonaws.com', mechanism: 'service_invocation', type: 'service' },
  ])
})

test('what invoked_by names is a hop, whatever it is called, and the application stays one', () => {
  const event = classEvent(600_301, {
    actor: { user: { uid: 'u_1', type_id: 1 }, invoked_by: 'AWS Internal', app_name: 'console' },
  })
  expect(event.delegation).toEqual([{ id: 'AWS Internal', mechanism: 'service_invocation', type: 'service' }])
  expect(event).toMatchObject({ source: { application: 'console' } })
  expect(event).not.toHaveProperty('unmapped.actor')
})

test('every class has something that it is about', () => {
  const about = (more: object) => (classEvent(600_199, more).targets as { type: string; id: string }[])[0]
  expect(about({ web_resources: [{ url_string: '/x' }] })).toEqual({ type: 'web_resource', id: '/x' })
  expect(about({ file: { name: 'passwd', path: '/etc/passwd', type_id: 1 } })).toMatchObject({
    id: '/etc/passwd',
  })
  expect(about({ process: { pid: 17, name: 'sh' } })).toMatchObject({ type: 'process', id: '17', name: 'sh' })
  expect(about({ entity: { uid: 'e', type: 'Policy' } })).toMatchObject({ type: 'Policy', id: 'e' })
  expect(about({ table: { name: 'orders' } })).toMatchObject({ type: 'table', id: 'orders' })
  expect(about({ http_request: { url: { path: '/a' } } })).toEqual({ type: 'url', id: '/a' })
  expect(about({ dst_endpoint: { ip: '10.0.0.9' } })).toEqual({ type: 'endpoint', id: '10.0.0.9' })
})

test('what we wrote ourselves is attributed as it was', () => {
  const { actor, delegation, outcome, action, operation, credential, session, source, scope, targets } =
    fullEvent
  const event = mapOne(preset, JSON.parse(ocsf.write(lineWith({ ...fullEvent, category: 'configuration' }))))
  expect(event).toMatchObject({ action, operation, category: 'configuration', scope })
  expect(event.targets).toEqual(targets!.map(({ type, id, name, scope }) => ({ type, id, name, scope })))
  expect(event).toMatchObject({ time: fullEvent.time, source_event_id: 'evt_1', outcome, delegation })
  expect(event.actor).toMatchObject({ id: actor.id, name: actor.name, type: actor.type, email: actor.email })
  expect(event.credential).toMatchObject({ id: credential!.id, mfa: true, issuer: 'idp' })
  expect(event.session).toEqual(session)
  expect(event.source).toMatchObject({
    ip: source!.ip,
    port: source!.port,
    geo: { city: 'Berlin', country: 'DE' },
  })
  expect(invalid(event)).toBeUndefined()
})

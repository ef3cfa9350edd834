// Names that applications use: who really acts, how it ended, on what.
import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, lines, spec } from '../normalising.ts'
import { eventOf } from './trial.ts'

const of = eventOf('json')

const endings: readonly (readonly [object, string])[] = [
  // What is said outright counts before a status that may be HTTP's.
  [{ success: false, status: 200 }, 'failure'],
  [{ status: 'ok', allowed: false }, 'denied'],
  [{ error: 'boom', status: 200 }, 'failure'],
  [{ error: 'boom', status: 'ok' }, 'failure'],
  [{ error: { code: 'E1' }, status_code: 200 }, 'failure'],
  [{ event: 'login_failed', status: 200 }, 'failure'],
  [{ success: false, result: 'ok' }, 'failure'],
  [{ success: false, status: 403 }, 'denied'],
  [{ success: false, result: 'denied' }, 'denied'],
  [{ allowed: true, status_code: 500 }, 'failure'],
  // An error that is none, and a success in spite of one.
  [{ error: 'none', status: 200 }, 'success'],
  [{ error: false, status: 200 }, 'success'],
  [{ error: null, status: 200 }, 'success'],
  [{ error: { code: 0 }, status: 200 }, 'success'],
  [{ error: 'tried twice', success: true }, 'success'],
  [{ allowed: true }, 'success'],
  [{ event: 'access_denied' }, 'denied'],
  [{ status: 404 }, 'failure'],
  // Words.
  [{ success: 1 }, 'success'],
  [{ success: 0 }, 'failure'],
  [{ success: 'no' }, 'failure'],
  [{ success: 'Yes' }, 'success'],
  [{ result: 'Permission denied' }, 'denied'],
  [{ result: 'error: unauthorized' }, 'denied'],
  [{ result: 'Error: no disk' }, 'failure'],
  [{ result: 'partial success' }, 'partial'],
  [{ status: 0 }, 'unknown'],
]

test.each(endings)('%j ends in %s', (record, result) => {
  expect(of(record)).toMatchObject({ outcome: { result } })
})

test.each([
  [
    { user: 'ann', impersonated_by: 'support1' },
    { id: 'support1', type: 'user' },
    { id: 'ann', mechanism: 'impersonation', type: 'user' },
  ],
  [
    { user: { id: 'u_1', name: 'Ann' }, impersonator: { id: 's_1', name: 'Sue', email: 'sue@example.com' } },
    { id: 's_1', type: 'user', name: 'Sue', email: 'sue@example.com' },
    { id: 'u_1', name: 'Ann', mechanism: 'impersonation', type: 'user' },
  ],
  [
    { actor: { id: 'ann', type: 'human' }, impersonator_id: 's_1' },
    { id: 's_1', type: 'user' },
    { id: 'ann', mechanism: 'impersonation', type: 'user' },
  ],
  [
    { actor: 'svc', on_behalf_of: 'carl' },
    { id: 'carl', type: 'user' },
    { id: 'svc', mechanism: 'on_behalf_of', type: 'unknown' },
  ],
  [
    { actor: { id: 'svc', type: 'service' }, on_behalf_of: { id: 'dev', type: 'agent', name: 'Dev' } },
    { id: 'dev', type: 'agent', name: 'Dev' },
    { id: 'svc', mechanism: 'on_behalf_of', type: 'service' },
  ],
])('%j: who really acts, and the hop after', (record, actor, hop) => {
  const event = of(record)
  expect(event.actor).toEqual(actor)
  expect(event.delegation).toEqual([hop])
  expect(event).not.toHaveProperty('unmapped')
})

test('an actor beside the user it acts upon is no delegation', () => {
  const event = of({ actor: 'ann', user: 'u_2', action: 'user.delete' })
  expect(event).toMatchObject({ actor: { id: 'ann' }, targets: [{ id: 'u_2', type: 'user' }] })
  expect(event).not.toHaveProperty('delegation')
})

const bob = { type: 'user', id: 'bob' }

test.each([
  [{ target: bob }, [bob]],
  [{ targets: bob }, [bob]],
  [{ resources: bob }, [bob]],
  [{ target: [bob, 'r_1'] }, [bob, { id: 'r_1' }]],
  [
    { targets: ['r_1'], resources: [{ kind: 'room', arn: 'r_2' }] },
    [{ type: 'room', id: 'r_2' }, { id: 'r_1' }],
  ],
])('%j: an object is one target, a list has as many as elements', (record, targets) => {
  const event = of({ event: 'role.assign', ...record })
  expect(event.targets).toEqual(targets)
  expect(event).not.toHaveProperty('unmapped')
})

test('members of an object that says nothing of a target are kept, and are no targets', () => {
  const event = of({ event: 'alert', target: { percent: 80 } })
  expect(event).not.toHaveProperty('targets')
  expect(event).toMatchObject({ unmapped: { target: { percent: 80 } } })
})

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.tuple(fc.ipV4(), fc.nat(70_000)).map(([ip, port]) => `${ip}:${port}`),
  fc.tuple(fc.ipV6(), fc.ipV4()).map((both) => both.join(', ')),
  fc.domain(),
  fc.constantFrom('unknown', 'Unknown', '', '-', 'localhost', 'unix:/run/a.sock', '256.1.1.1', '10.0.0.0/8'),
)

describe.each(['json', 'ecs', 'otlp'])('%s: where a call came from', (preset) => {
  const from = eventOf(preset)
  const recordOf = (text: string) =>
    preset === 'otlp' ? { attributes: { 'client.address': text } } : { client: { address: text } }

  test('source.ip is an address or absent, whatever the record says, and nothing is lost', () => {
    fc.assert(
      fc.property(address, (text) => {
        const event = from(recordOf(text))
        const source = event.source as { readonly ip?: string } | undefined
        if (source?.ip !== undefined) expect(isIP(source.ip)).toBeGreaterThan(0)
        if (source === undefined) expect(event).toMatchObject({ unmapped: recordOf(text) })
        const isTold = /no IP address/.test(JSON.stringify(event.quality))
        expect(isTold).toBe(source === undefined && text !== '')
      }),
    )
  })

  test.each([
    ['203.0.113.9:555', { ip: '203.0.113.9', port: 555 }],
    ['[2001:db8::1]:443', { ip: '2001:db8::1', port: 443 }],
    ['203.0.113.9, 10.0.0.1', { ip: '203.0.113.9', ip_chain: ['203.0.113.9', '10.0.0.1'] }],
    ['web-1.example.com', { hostname: 'web-1.example.com' }],
    ['localhost', { hostname: 'localhost' }],
    ['unknown', undefined],
    ['256.1.1.1', undefined],
  ])('%s', (text, source) => {
    expect(from(recordOf(text)).source).toEqual(source)
  })
})

test('the short way ends as the general one', () => {
  const users = Array.from({ length: 12 }, (_, i) => `u_${i}`)
  const records = endings.flatMap(([record]) =>
    users.map((user) => ({ user, impersonated_by: `${user}_2`, target: bob, ...record })),
  )
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('')
  const short = compileNormaliser(spec({ preset: 'json' }))
  const general = compileNormaliser(spec({ preset: 'json' }), { stencils: false })
  expect(eventsOf(lines(short, text))).toEqual(eventsOf(lines(general, text)))
  expect(short.served).toBeGreaterThan(records.length / 2)
})

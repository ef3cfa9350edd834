import { expect, test } from 'vitest'
import { differences } from '../../src/agent/expectation.ts'

const event = {
  action: 'invoice.approve',
  actor: { id: 'u_1', type: 'user', groups: ['dev', 'ops'] },
  outcome: { code: '403', result: 'denied' },
  targets: [
    { id: 'inv_7', type: 'invoice' },
    { id: 'acc_1', type: 'account', name: 'Main' },
  ],
  scope: [],
  unmapped: { 'a.b': null, n: 1 },
}

test.each([
  {},
  { action: 'invoice.approve', 'actor.id': 'u_1', actor: { type: 'user' } },
  { 'targets[type=account].name': 'Main', 'actor.groups': ['dev', 'ops'], 'targets[1].name': 'Main' },
  { targets: [{ type: 'invoice' }, { id: 'acc_1' }] },
  { targets: { $contains: [{ type: 'account', id: 'acc_1' }] }, 'actor.groups': { $contains: 'ops' } },
  { delegation: null, 'session.id': null, 'unmapped."a.b"': null, 'unmapped.anything': null },
  { scope: [], 'targets[0]': { $exactly: { type: 'invoice', id: 'inv_7' } } },
  { 'outcome.code': { $matches: '^4\\d\\d$' }, unmapped: { n: 1 } },
])('%j is so', (expected) => {
  expect(differences(expected, event)).toEqual([])
})

test.each([
  [{ action: 'invoice.read' }, 'action', '"invoice.read"', '"invoice.approve"'],
  [{ 'outcome.code': 403 }, 'outcome.code', '403', '"403"'],
  [{ actor: { email: 'x' } }, 'actor.email', '"x"', 'absent'],
  [{ 'actor.id': null }, 'actor.id', 'absent', '"u_1"'],
  [{ targets: [{}] }, 'targets', '1 element: [{}]', JSON.stringify(event.targets)],
  [{ targets: [{ id: 'inv_8' }, {}] }, 'targets[0].id', '"inv_8"', '"inv_7"'],
  [
    { targets: { $contains: [{ id: 'acc_2' }] } },
    'targets',
    'among them {"id":"acc_2"}',
    JSON.stringify(event.targets),
  ],
  [
    { outcome: { $exactly: { result: 'denied' } } },
    'outcome',
    'exactly {"result":"denied"}',
    JSON.stringify(event.outcome),
  ],
  [{ action: { $matches: '^order' } }, 'action', 'a text with ^order', '"invoice.approve"'],
  [
    { action: { $matches: '(' } },
    'action',
    expect.stringContaining('a pattern that is none'),
    '"invoice.approve"',
  ],
  [{ 'actor.groups': 'dev' }, 'actor.groups', '"dev"', '["dev","ops"]'],
])('%j is not', (expected, path, wanted, got) => {
  expect(differences(expected, event)).toEqual([{ path, expected: wanted, got }])
})

test.each([
  [{ 'actor.idd': null }, 'actor.idd', 'audit-event/1 has no actor.idd; did you mean actor.id?'],
  [{ actor: { idd: null } }, 'actor.idd', 'audit-event/1 has no actor.idd; did you mean actor.id?'],
  [{ user: 'x' }, 'user', expect.stringMatching(/^audit-event\/1 has no user; there are action, actor, /)],
  [{ 'targets[0].kind': null }, 'targets[0].kind', expect.stringContaining('has no targets[0].kind')],
  [{ 'a..b': 1 }, 'a..b', expect.stringContaining('a key belongs here')],
])('%j names what there is not', (expected, path, got) => {
  expect(differences(expected, event)).toMatchObject([{ path, got }])
})

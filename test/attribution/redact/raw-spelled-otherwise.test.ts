// What a rule took out of an event stands nowhere in the record as it came: where the record spells it in another way, it is
// not kept.
import { describe, expect, test } from 'vitest'
import { enrichConfig } from '../../../src/attribution/enrich/config.ts'
import type { RedactRule } from '../../../src/attribution/redact/rule.ts'
import type { NormaliserSpec } from '../../../src/normalise/contract.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, lines, spec } from '../../normalise/normalising.ts'

const redact: RedactRule[] = [
  { key: ['password'], method: 'mask' },
  { pattern: ['email', 'ip'], method: 'mask' },
  { match: ['SECRET ?[0-9]+|secretlow[0-9]|JOIN12|a"b[0-9]'], method: 'mask', name: 'sec' },
]

function kept(how: object, text: string, more: Partial<NormaliserSpec> = {}) {
  const batch = lines(compileNormaliser(spec(how, { redact, raw: 'full', ...more })), `${text}\n`)
  const [event] = eventsOf(batch)
  return { raw: Buffer.from(batch.raw).toString(), event: event! }
}

const hex = (text: string) => Buffer.from(text).toString('hex').toUpperCase()
const expanded = { expand: [{ path: 'msg', as: 'json' }], 'actor.id': 'user' }
const userCommand = (command: string) =>
  `type=USER_CMD msg=audit(1795000000.123:42): pid=1 uid=1000 auid=1000 ses=3 msg='cwd="/root" cmd=${command} terminal=pts/0 res=success'`

const spelledOtherwise: Readonly<Record<string, readonly [how: object, text: string]>> = {
  'hex digits of auditd': [
    { preset: 'auditd' },
    userCommand(hex('mysql --password hunterHEX joe@x.example')),
  ],
  'escapes of JSON within JSON': [
    expanded,
    String.raw`{"user":"1","msg":"{\"note\":\"\\u0053ECRET 44\",\"m\":\"joe\\u0040x.example\"}"}`,
  ],
  'a plus in a query': [{ decode: 'query', message: 'note' }, 'user=1&note=SECRET+12'],
  'doubled quotes of CSV': [{ decode: { csv: { columns: ['user', 'note'] } } }, 'ann,"x a""b7 y"'],
  'other letters': [{ 'actor.id': { path: 'user', case: 'lower' } }, '{"user":"SECRETLOW1"}'],
  'other letters, beside a copy in the same ones': [
    { 'actor.id': { path: 'user', case: 'lower' } },
    '{"user":"SECRETLOW1","note":"secretlow1"}',
  ],
  'escapes, beside a copy without': [
    expanded,
    String.raw`{"user":"SECRET 44","msg":"{\"note\":\"\\u0053ECRET 44\"}"}`,
  ],
  'parts of several values': [{ action: { template: '{a}{b}' } }, '{"a":"JO","b":"IN12"}'],
  'a field that only its columns name': [
    { expand: [{ path: 'msg', as: { csv: { columns: ['user', 'password'] } } }] },
    '{"n":1,"msg":"ann,hunter2"}',
  ],
  'a partial record': [
    { ...expanded, action: { template: '{a}{b}' } },
    '{"a":"JO","b":"IN12","msg":"{broken","big":1e999}',
  ],
}

describe('is not kept', () => {
  test.each(Object.entries(spelledOtherwise))('%s', (_name, [how, text]) => {
    const { raw, event } = kept(how, text)
    expect(raw).toBe('')
    expect(event.raw).toMatchObject({ sha256: expect.any(String), size: expect.any(Number) })
    expect(event.redactions).toBeDefined()
  })
})

test('what several records of a line have lost, each by the rule of its own condition', () => {
  const conditional: RedactRule[] = [
    { match: ['SECRET ?[0-9]+'], method: 'mask', when: 'action == "a"', name: 'sec' },
  ]
  const how = { action: 'event', records: 'items' }
  const text = '{"items":[{"event":"a","note":"SECRET 1"},{"event":"b"}]}'
  const { raw, event } = kept(how, text, { redact: conditional })
  expect(event).toMatchObject({ unmapped: { note: '***' } })
  expect(raw).not.toContain('SECRET')
})

describe('is kept without it', () => {
  test.each<readonly [string, object, string, string]>([
    [
      'where it stands as it is',
      expanded,
      String.raw`{"user":"1","msg":"{\"note\":\"SECRET 44\",\"password\":\"a\\\"b\"}"}`,
      String.raw`{"user":"1","msg":"{\"note\":\"***\",\"password\":\"***\"}"}`,
    ],
    [
      'where only its letters differ, and the rule takes both',
      { 'source.ip': 'ip' },
      '{"ip":"2001:DB8::7"}',
      '{"ip":"***"}',
    ],
    [
      'where a template repeats it',
      { message: { template: '{user} is {user}' } },
      '{"user":"joe@x.example"}',
      '{"user":"***"}',
    ],
    [
      'a copy of a field that is called otherwise',
      {},
      '{"password":"hunter2","note":"hunter2","x":"password=hunter2"}',
      '{"password":"***","note":"hunter2","x":"password=***"}',
    ],
    ['plain text', { preset: 'plain' }, 'joe@x.example SECRET 4 x', '*** *** x'],
    ['auditd in quotes', { preset: 'auditd' }, userCommand('"ls joe@x.example"'), userCommand('"ls ***"')],
  ])('%s', (_name, how, text, expected) => {
    expect(kept(how, text).raw).toBe(expected)
  })

  test('whatever was taken out of what is not of the record', () => {
    const enrich = enrichConfig.parse([{ static: { 'actor.email': 'team@x.example' } }])
    const { raw, event } = kept({ 'actor.id': 'user' }, '{"user":"u"}', { enrich })
    expect(event).toMatchObject({ actor: { email: '***', id: 'u' } })
    expect(raw).toBe('{"user":"u"}')
  })
})

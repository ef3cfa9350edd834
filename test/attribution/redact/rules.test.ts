// What each part of a rule means, in events.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { enrichConfig } from '../../../src/attribution/enrich/config.ts'
import { createKeyedHash } from '../../../src/attribution/keyed-hash.ts'
import type { RedactRule } from '../../../src/attribution/redact/rule.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, mapOne, spec, testKeys } from '../../normalise/normalising.ts'
import { scratchDirectory } from '../../scratch-directory.ts'

const directory = scratchDirectory('redact')

const hash = createKeyedHash(testKeys)
const mapping = {
  action: 'event',
  'actor.id': 'user',
  'actor.email': 'mail',
  'actor.groups': 'groups',
  'actor.type': { const: 'user' },
  'outcome.result': { const: 'success' },
  'source.ip': 'ip',
  'source.port': 'port',
  'source.asn': 'asn',
  message: 'text',
  targets: [
    { each: 'items', type: { const: 'item' }, id: 'id', name: 'name', attributes: { price: 'price' } },
  ],
  scope: [{ type: { const: 'org' }, id: 'org' }],
}
const record = {
  event: 'order.pay',
  user: 'u_1',
  mail: 'eve@example.com',
  groups: ['admins', 'eve@example.com'],
  ip: '10.0.0.1',
  port: 443,
  asn: 64_512,
  text: 'eve@example.com paid, password=hunter2, token: "abc def"',
  items: [
    { id: 'a', name: 'Tea', price: 4_111_111_111_111_111 },
    { id: 'b', name: 'Cup', price: 2 },
  ],
  org: 'acme',
  rest: { comment: 'a long comment', list: [1, 'x', { deep: true }] },
}

function redacted(...redact: RedactRule[]) {
  const event = mapOne(mapping, record, { redact })
  expect(invalid(event)).toBeUndefined()
  return event
}

describe('places', () => {
  test('a list needs no index, and may have one', () => {
    expect(redacted({ path: ['targets.name'], method: 'drop' }).targets).toMatchObject([
      { id: 'a' },
      { id: 'b' },
    ])
    expect(redacted({ path: ['targets[1].name', 'targets[*].attributes'], method: 'mask' }).targets).toEqual([
      { attributes: { price: '***' }, id: 'a', name: 'Tea', type: 'item' },
      { attributes: { price: '***' }, id: 'b', name: '***', type: 'item' },
    ])
    expect(redacted({ path: ['targets[0]'], method: 'drop' }).targets).toHaveLength(1)
    expect(redacted({ path: ['targets'], method: 'drop' })).not.toHaveProperty('targets')
  })

  test('* is one step, ** any number', () => {
    expect(redacted({ path: ['unmapped.*.comment'], method: 'mask' }).unmapped).toMatchObject({
      rest: { comment: '***' },
    })
    expect(redacted({ path: ['unmapped.**.deep'], method: 'mask' }).unmapped).toMatchObject({
      rest: { list: [1, 'x', { deep: '***' }] },
    })
    expect(redacted({ path: ['**.id'], method: 'mask' })).toMatchObject({
      actor: { id: '***' },
      targets: [{ id: '***' }, { id: '***' }],
      scope: [{ id: '***' }],
    })
  })

  test('a name in any case, whatever has it; the first rule decides', () => {
    const event = redacted({ key: ['EMAIL', 'Comment'], method: 'mask' }, { path: ['actor'], method: 'hash' })
    expect(event).toMatchObject({
      actor: {
        email: '***',
        groups: [hash('admins'), hash('eve@example.com')],
        id: hash('u_1'),
        type: 'unknown',
      },
      unmapped: { rest: { comment: '***' } },
    })
    expect(event.redactions).toContainEqual({ method: 'mask', path: 'actor.email', rule: 'key:email' })
  })

  test('what must be there is there, what is no text is dropped, an empty scope stays', () => {
    expect(
      redacted({ path: ['action', 'actor', 'outcome', 'source', 'scope', 'producer'], method: 'drop' }),
    ).toMatchObject({
      action: '***',
      actor: { type: 'unknown' },
      outcome: { result: 'unknown' },
      producer: { product: '***' },
      scope: [],
    })
    const { source } = redacted({ path: ['source'], method: 'hash' })
    expect(source).toEqual({ ip: hash('10.0.0.1') })
  })

  test('truncate: texts, and numbers where anything goes; never half a character', () => {
    expect(
      redacted({ path: ['unmapped', 'message', 'action'], method: 'truncate', length: 5 }),
    ).toMatchObject({
      action: 'order',
      message: 'eve@e',
      unmapped: { rest: { comment: 'a lon', list: [1, 'x', { deep: true }] } },
    })
    const cut = mapOne(
      mapping,
      { ...record, text: '\u{1f600}\u{1f600}' },
      {
        redact: [{ path: ['message'], method: 'truncate', length: 1 }],
      },
    )
    expect(cut.message).toBe('\u{1f600}')
  })

  test.each([
    ['\u{1f600}\u{1f600}\u{1f600}\u{1f600}Z', 3, '\u{1f600}\u{1f600}\u{1f600}'],
    ['a\u{1f600}bc', 3, 'a\u{1f600}b'],
    ['\u{1f600}\u{1f600}', 2, '\u{1f600}\u{1f600}'],
    ['\u{1f600}\u{1f600}', 3, '\u{1f600}\u{1f600}'],
  ])('truncate counts characters: %s to %i', (text, length, expected) => {
    const redact: RedactRule[] = [{ path: ['message'], method: 'truncate', length }]
    const event = mapOne(mapping, { ...record, text }, { redact })
    expect(event.message).toBe(expected)
    expect(event.redactions === undefined).toBe(text === expected)
  })
})

describe('patterns', () => {
  test('everywhere, in numbers too; below places only there', () => {
    const event = redacted({ pattern: ['email', 'card_number'], method: 'hash' })
    expect(event).toMatchObject({
      actor: { email: hash('eve@example.com'), groups: ['admins', hash('eve@example.com')] },
      message: expect.stringMatching(/^hmac-sha256:test:[0-9a-f]{64} paid,/),
      targets: [{ attributes: { price: hash('4111111111111111') } }, { attributes: { price: 2 } }],
    })
    expect(redacted({ pattern: ['email'], path: ['message'], method: 'mask' })).toMatchObject({
      actor: { email: 'eve@example.com' },
      message: expect.stringMatching(/^\*\*\* paid/),
    })
  })

  test('of one that drops, the whole value; a number of the schema too', () => {
    const event = redacted({ match: ['^64512$', '@'], method: 'drop', name: 'mine' })
    expect(event.actor).toEqual({ groups: ['admins'], id: 'u_1', type: 'user' })
    expect(event.source).toEqual({ ip: '10.0.0.1', port: 443 })
    expect(event).not.toHaveProperty('message')
    expect(event.redactions).toContainEqual({ method: 'drop', path: 'source.asn', rule: 'mine' })
  })

  test('of two that overlap the first is taken whole, and the rest by the other', () => {
    const event = mapOne(
      mapping,
      { text: 'abcdef' },
      {
        redact: [
          { match: ['bcd'], method: 'mask' },
          { match: ['cde'], method: 'hash' },
        ],
      },
    )
    expect(event.message).toBe(`a***${hash('cde')}f`)
  })

  test('one entry for what is taken once: by the guard before any rule, by what drops after all', () => {
    const secret = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJldmUifQ.c2lnbmF0dXJl'
    const of = (...redact: RedactRule[]) =>
      mapOne({ 'session.id': 'sid', message: 'text' }, { sid: secret, text: `sid=${secret}` }, { redact })
    const guard = (path: string) => ({ method: 'hash', path, rule: 'credential_guard' })
    const masked = of({ pattern: ['token', 'jwt'], method: 'mask' })
    expect(masked).toMatchObject({ message: `sid=${hash(secret)}`, session: { id: hash(secret) } })
    expect(masked.redactions).toEqual([guard('message'), guard('session.id')])
    const dropped = of({ pattern: ['token'], path: ['message'], method: 'drop' })
    expect(dropped).not.toHaveProperty('message')
    expect(dropped.redactions).toEqual([
      { method: 'drop', path: 'message', rule: 'pattern:token' },
      guard('session.id'),
    ])
    // Beside what the guard has taken there is more.
    const more = of({ match: ['sid=eyJ'], method: 'mask' })
    expect(more.message).toBe(`***${hash(secret)}`)
    expect(more.redactions).toEqual([
      guard('message'),
      { method: 'mask', path: 'message', rule: 'match' },
      guard('session.id'),
    ])
  })

  test('names of members: told apart where they become the same, dropped with what has them', () => {
    const more = { 'eve@example.com': 1, 'bob@example.com': 2, z: 3 }
    const of = (method: 'mask' | 'drop') =>
      mapOne({}, more, { redact: [{ pattern: ['email'], method }] }).unmapped
    expect(of('mask')).toEqual({ '***': 2, '***~2': 1, z: 3 })
    expect(of('drop')).toEqual({ z: 3 })
  })
})

test('fields as texts have them, in messages', () => {
  expect(redacted({ key: ['password', 'token'], method: 'drop' }).message).toBe(
    'eve@example.com paid, password=***, token: "***"',
  )
})

test('conditions see the event as it was mapped', () => {
  const rule: RedactRule = { path: ['actor.email'], when: 'source.ip.startsWith("10.")', method: 'drop' }
  expect(redacted(rule).actor).not.toHaveProperty('email')
  const other = mapOne(mapping, { ...record, ip: '192.0.2.1' }, { redact: [rule] })
  expect(other.actor).toHaveProperty('email')
})

test('mode allow: what is named, and what must be', () => {
  const event = redacted(
    {
      mode: 'allow',
      path: ['actor.id', 'targets.attributes.price', 'unmapped.rest.list[0]'],
      method: 'drop',
    },
    { mode: 'allow', key: ['port'], method: 'drop' },
    { pattern: ['card_number'], method: 'mask' },
  )
  expect(event).toMatchObject({
    action: 'order.pay',
    actor: { id: 'u_1', type: 'user' },
    outcome: { result: 'success' },
    scope: [],
    source: { port: 443 },
    targets: [{ attributes: { price: '***' } }, { attributes: { price: 2 } }],
    unmapped: { rest: { list: [1] } },
  })
  expect(event).not.toHaveProperty('message')
  const masked = redacted({ mode: 'allow', path: ['actor.id'], method: 'mask' })
  expect(masked).toMatchObject({ actor: { email: '***', id: 'u_1' }, message: '***' })
})

test('what was taken out is listed, as far as it can be', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, { password: i }]))
  const { redactions } = mapOne({}, many, { redact: [{ key: ['password'], method: 'mask' }] })
  expect(redactions).toHaveLength(65)
  expect((redactions as object[]).at(-1)).toEqual({
    count: 436,
    method: 'mask',
    path: '**',
    rule: 'key:password',
  })
})

describe('the record as it came', () => {
  const rawOf = (redact: readonly RedactRule[], text: string, how: object = mapping) => {
    const batch = lines(compileNormaliser(spec(how, { redact, raw: 'full' })), `${text}\n`)
    const [event] = eventsOf(batch)
    return { raw: Buffer.from(batch.raw).toString(), event: event! }
  }

  test('is what it was where no rule hits, byte for byte', () => {
    const text = '{ "event":"x" , "n": 1.50, "big": 90071992547409931 }'
    expect(
      rawOf(
        [
          { key: ['password'], method: 'drop' },
          { pattern: ['email'], method: 'mask' },
        ],
        text,
      ).raw,
    ).toBe(text)
  })

  test('JSON is written anew without it; hash and size are those of the original', () => {
    const text = '{"event":"x","password":["a"],"mail":"eve@example.com","n":"{\\"password\\":\\"b\\"}"}'
    const { raw, event } = rawOf(
      [
        { key: ['password'], method: 'mask' },
        { path: ['actor.email'], method: 'drop' },
      ],
      text,
    )
    expect(raw).toBe('{"event":"x","password":"***","mail":"***","n":"{\\"password\\":\\"***\\"}"}')
    expect(event.raw).toMatchObject({ size: text.length })
  })

  test('is not kept where a value cannot be found in it, or only what is named may stay', () => {
    const made = { ...mapping, message: { template: '{user} did {event}' } }
    const text = '{"user":"u_1","event":"pay"}'
    expect(rawOf([{ path: ['message'], method: 'drop' }], text, made).raw).toBe('')
    const { raw, event } = rawOf([{ mode: 'allow', path: ['actor.id'], method: 'drop' }], text)
    expect(raw).toBe('')
    expect(event.raw).toMatchObject({ sha256: expect.any(String), size: text.length })
  })

  test('of a key that stands there twice, neither value', () => {
    const text = '{"note":"eve@example.com","note":"none","user":"u"}'
    expect(rawOf([{ pattern: ['email'], method: 'mask' }], text).raw).toBe('{"note":"none","user":"u"}')
    const other = '{"password":"hunter2","password":"hunter3"}'
    expect(rawOf([{ key: ['password'], method: 'mask' }], other).raw).toBe('{"password":"***"}')
  })

  test('of lines that are no JSON: by the names that their decoder gives', () => {
    const csv = { decode: { csv: { columns: ['user', 'password', 'n'] } }, 'actor.id': 'user' }
    const { raw, event } = rawOf([{ key: ['password'], method: 'drop' }], 'eve,"hunter, 2",1', csv)
    expect(event).toMatchObject({ actor: { id: 'eve' }, unmapped: { n: '1' } })
    expect(raw).toBe('eve,"***",1')
    const pairs = { decode: 'key_value', 'actor.id': 'user' }
    expect(rawOf([{ path: ['actor.id'], method: 'hash' }], 'user=eve n=1', pairs).raw).toBe('user=*** n=1')
  })

  test('of more values than anybody would search for, only the hash', () => {
    const text = JSON.stringify({ list: Array.from({ length: 300 }, (_, n) => `value-${n}`) })
    expect(rawOf([{ path: ['unmapped'], method: 'drop' }], text).raw).toBe('')
    expect(rawOf([{ key: ['list'], method: 'drop' }], text).raw).toBe('{}')
  })

  test('a line of several records: what any of them lost', () => {
    const text = '{"items":[{"event":"a"},{"event":"b","mail":"eve@example.com"}]}'
    const several = { ...mapping, records: 'items', targets: [] }
    const { raw } = rawOf([{ path: ['actor.email'], method: 'drop' }], text, several)
    expect(raw).toBe('{"items":[{"event":"a"},{"event":"b","mail":"***"}]}')
  })
})

test('rules by place alone are followed by stencils; others take the general way', () => {
  const text = Array.from(
    { length: 200 },
    (_, n) => `{"event":"a.read","user":"u${n}","mail":"m${n}@x.example"}\n`,
  ).join('')
  const served = (redact: readonly RedactRule[]) => {
    const short = compileNormaliser(spec({ preset: 'json' }, { redact }))
    const general = compileNormaliser(spec({ preset: 'json' }, { redact }), { stencils: false })
    for (let round = 0; round < 2; round++) {
      expect(Buffer.from(lines(short, text).payload).equals(lines(general, text).payload)).toBe(true)
    }
    return short.served
  }
  expect(served([{ path: ['actor.email', 'unmapped.**'], method: 'drop' }])).toBeGreaterThan(150)
  expect(served([{ mode: 'allow', path: ['actor.id'], method: 'drop' }])).toBeGreaterThan(150)
  expect(served([{ key: ['mail'], method: 'mask' }])).toBeGreaterThan(150)
  expect(served([{ key: ['mail'], method: 'hash' }])).toBe(0)
  expect(served([{ pattern: ['email'], method: 'mask' }])).toBe(0)
  expect(served([{ path: ['message'], method: 'truncate', length: 3 }])).toBe(0)
  expect(served([{ path: ['message'], method: 'drop', when: 'actor.id == "u3"' }])).toBe(0)
})

test('what enrichers added is redacted as well, on either way', () => {
  const file = join(directory, 'users.csv')
  writeFileSync(
    file,
    `id,mail,phone\n${Array.from({ length: 50 }, (_, n) => `u${n},m${n}@x.example,+49${n}`).join('\n')}\n`,
  )
  const enrich = enrichConfig.parse([
    { lookup: { file, key: 'actor.id', set: { 'actor.email': 'mail', 'metadata.phone': 'phone' } } },
    {
      static: { 'credential.id': 'ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'metadata.site': 'secret-site' },
    },
  ])
  const redact: RedactRule[] = [
    { path: ['actor.email', 'metadata.site'], method: 'mask' },
    { key: ['Phone'], method: 'drop' },
  ]
  const text = Array.from(
    { length: 200 },
    (_, n) => `{"event":"a.read","user":"u${n % 50}","n":${n}}\n`,
  ).join('')
  const short = compileNormaliser(spec({ preset: 'json' }, { redact, enrich }))
  const general = compileNormaliser(spec({ preset: 'json' }, { redact, enrich }), { stencils: false })
  for (let round = 0; round < 2; round++) {
    const payload = Buffer.from(lines(short, text).payload)
    expect(payload.equals(lines(general, text).payload)).toBe(true)
    expect(payload.toString()).not.toMatch(/x\.example|\+49|secret-site|ghp_abc/)
  }
})

test('ids are those of the records, whatever was taken out', () => {
  const text = '{"event":"a","user":"u_1","n":1}\n{"event":"b","user":"u_2","n":"eve@example.com"}\n'
  const idsOf = (how: object, redact: readonly RedactRule[]) =>
    eventsOf(lines(compileNormaliser(spec(how, { redact })), text)).map(({ id }) => id)
  const rules: RedactRule[] = [
    { path: ['source_event_id', 'actor'], method: 'drop' },
    { pattern: ['email'], method: 'mask' },
    { key: ['n'], method: 'hash' },
  ]
  for (const how of [mapping, { ...mapping, source_event_id: 'user' }]) {
    expect(idsOf(how, rules.slice(0, 2))).toEqual(idsOf(how, []))
    expect(idsOf(mapping, rules)).toEqual(idsOf(mapping, []))
  }
  const hidden = mapOne({ ...mapping, source_event_id: 'user' }, { user: 'u_1' }, { redact: rules })
  expect(hidden).not.toHaveProperty('source_event_id')
})

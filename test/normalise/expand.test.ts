// Texts within records: taken apart in place before anything is mapped, or kept as they are, with a warning.
import { describe, expect, test } from 'vitest'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, mapOne, spec } from './normalising.ts'

const event = (mapping: object, record: object, more: Parameters<typeof mapOne>[2] = {}) => {
  const made = mapOne(mapping, record, more)
  expect(invalid(made)).toBeUndefined()
  return made
}

describe('a member is taken apart in place', () => {
  test.each<[string, unknown, string]>([
    ['json', 'json', '{"user":"ann"}'],
    ['pairs', 'key_value', 'user=ann'],
    ['pairs with options', { key_value: { separator: ';', assign: ':' } }, 'user: ann; x:1'],
    ['csv', { csv: { columns: ['user'] } }, 'ann'],
    ['a query', 'query', 'user=ann'],
    ['a pattern', { pattern: 'by (?P<user>\\w+)' }, 'by ann'],
    ['patterns', { pattern: ['x(?P<user>.)', 'by (?P<user>\\w+)'] }, 'by ann'],
  ])('%s', (_, as, msg) => {
    const made = event({ expand: [{ path: 'in.msg', as }], 'actor.id': 'in.msg.user' }, { in: { msg, n: 1 } })
    expect(made).toMatchObject({ actor: { id: 'ann' }, quality: { parse: 'ok' } })
    expect(made.quality).not.toHaveProperty('warnings')
    expect(made.unmapped).toMatchObject({ in: { n: 1 } })
  })

  test('one within another, in lists, and at an element that a filter finds', () => {
    const inner = JSON.stringify({ user: 'ann', q: 'a=1' })
    const made = event(
      {
        expand: [
          { path: 'list[1]', as: 'json' },
          { path: 'list[1].inner', as: 'json' },
          { path: 'list[1].inner.q', as: 'query' },
          { path: 'tags[k=y].v', as: 'json' },
        ],
        'actor.id': 'list[1].inner.user',
        'outcome.code': 'list[1].inner.q.a',
        'outcome.reason': 'tags[k=y].v.why',
      },
      {
        list: ['x', JSON.stringify({ inner })],
        tags: [
          { k: 'x', v: '{}' },
          { k: 'y', v: '{"why":"w"}' },
        ],
      },
    )
    expect(made).toMatchObject({ actor: { id: 'ann' }, outcome: { code: '1', reason: 'w' } })
  })

  test('an array of anything will do', () => {
    const made = event({ expand: [{ path: 'a', as: 'json' }], 'actor.groups': 'a' }, { a: '["x","y"]' })
    expect(made.actor).toMatchObject({ groups: ['x', 'y'] })
  })

  test('what is absent, empty or no text is left alone', () => {
    for (const msg of [undefined, '', null, 7, { user: 'u' }]) {
      const made = event({ expand: [{ path: 'msg', as: 'json' }], action: 'do' }, { msg, do: 'x' })
      expect(made.quality).toEqual({ parse: 'ok' })
      expect(made.unmapped).toEqual(msg === undefined ? undefined : { msg })
    }
  })
})

describe('a text that is not what it should be stays, with a warning that repeats nothing of it', () => {
  test.each<[string, unknown, string, string]>([
    ['json', 'json', '{secret}', 'kept as text, not JSON: no key in quotes at character 2: msg'],
    ['a scalar', 'json', '"secret"', 'kept as text, JSON, but neither an object nor a list: msg'],
    ['pairs', 'key_value', 'secret', 'kept as text, key_value: there is no key=value: msg'],
    ['a query', 'query', 'my secret', 'kept as text, query: there is no key=value: msg'],
    ['a pattern', { pattern: '(?P<a>x)' }, 'secret', 'kept as text, pattern: it does not match: msg'],
    ['csv', { csv: { columns: ['a'] } }, '"secret', 'kept as text, csv: the quoted field 1 has no end: msg'],
  ])('%s', (_, as, msg, warning) => {
    const made = event({ expand: [{ path: 'msg', as }], message: 'msg' }, { msg })
    expect(made).toMatchObject({ message: msg, quality: { parse: 'ok', warnings: [warning] } })
  })

  test.each([
    ['{"secret', 'the text ends within a string at character 9'],
    ['{"a":[1,2', 'the text ends before ] at character 10'],
    [' [{"a":tru', 'no JSON value at character 8'],
    ['{"a":"\\u00e', 'an escape that JSON does not have at character 7'],
    ['{', 'no key in quotes at character 2'],
  ])('JSON that was cut off, %s: some of the record could not be read', (msg, reason) => {
    const made = event({ expand: [{ path: 'msg', as: 'json' }], message: 'msg' }, { msg, n: 1 })
    expect(made).toMatchObject({
      message: msg,
      quality: { parse: 'partial', warnings: [`kept as text, not JSON: ${reason}: msg`] },
      unmapped: { n: 1 },
    })
  })

  test.each(['{"a":1,}', '[INFO] it is', '{"a":1} x', 'tru', ' '])(
    'what is no JSON is not said to be some of it: %s',
    (msg) => {
      const made = event({ expand: [{ path: 'msg', as: 'json' }], message: 'msg' }, { msg })
      expect(made).toMatchObject({ quality: { parse: 'ok', warnings: [expect.any(String)] } })
    },
  )

  test('nor one that is too long, or too deep', () => {
    const expand = [{ path: 'a.b', as: 'json' }]
    const long = JSON.stringify({ x: 'y'.repeat(1024 * 1024) })
    const deep = `${'['.repeat(199)}${']'.repeat(199)}`
    expect(event({ expand }, { a: { b: long } }).quality).toMatchObject({
      warnings: [expect.stringMatching(/^kept as text, it is longer than 1048576 characters: a\.b$/)],
    })
    expect(event({ expand }, { a: { b: deep } }).quality).toMatchObject({
      warnings: [expect.stringMatching(/nested deeper than 198 levels: a\.b$/)],
    })
    expect(event({ expand }, { a: { b: deep.slice(1, -1) } }).quality).toEqual({ parse: 'ok' })
  })

  test('what JSON cannot hold is told of with its place', () => {
    const made = event({ expand: [{ path: 'msg', as: 'json' }] }, { msg: '{"n":12345678901234567890}' })
    expect(made).toMatchObject({
      unmapped: { msg: { n: '12345678901234567890' } },
      quality: { warnings: ['number kept as text, a double would change it: n (within msg)'] },
    })
  })
})

test('what is redacted is redacted within, and no way leads through it', () => {
  const more = { redact: [{ key: ['token', 'secret'], method: 'drop' as const }] }
  const mapping = {
    expand: [
      { path: 'msg', as: 'json' },
      { path: 'secret', as: 'json' },
    ],
    'actor.id': 'secret.a',
  }
  const made = event(mapping, { msg: '{"token":"t","n":1}', secret: '{"a":1}' }, more)
  expect(made.unmapped).toEqual({ msg: { n: 1 } })
  expect(made.actor).toEqual({ type: 'unknown' })
})

describe('with several records', () => {
  const mapping = {
    expand: [{ path: 'body', as: 'json' }],
    records: 'body.Records',
    'actor.id': ['body.who', 'who'],
  }
  const all = (text: string) => eventsOf(lines(compileNormaliser(spec(mapping)), `${text}\n`))

  test('they may be within a text, and have texts of their own', () => {
    const body = JSON.stringify({ Records: [{ who: 'a' }, { body: '{"who":"b"}' }], n: 1 })
    const made = all(JSON.stringify({ body }))
    expect(made.map(({ actor }) => (actor as { id: string }).id)).toEqual(['a', 'b'])
    expect(made[0]!.metadata).toEqual({ envelope: { body: { n: 1 } } })
  })

  test('a list of records: each has its own warnings', () => {
    const made = all(JSON.stringify([{ body: '{' }, { body: '{"who":"b"}' }]))
    expect(made.map(({ quality }) => (quality as { warnings?: string[] }).warnings?.length)).toEqual([
      1,
      undefined,
    ])
    expect(made[1]).toMatchObject({ actor: { id: 'b' }, provenance: { index: 1 } })
  })
})

test('lines that decode reads, and one that it cannot', () => {
  const normaliser = compileNormaliser(
    spec({
      decode: { csv: { columns: ['time', 'user', 'verb'], delimiter: ';' } },
      time: 'time',
      'actor.id': 'user',
      action: 'verb',
    }),
  )
  const batch = lines(normaliser, '2026-11-23T10:00:00Z;ann;pay\nx;"y\n')
  expect(eventsOf(batch)).toMatchObject([
    { action: 'pay', actor: { id: 'ann' }, quality: { parse: 'ok' }, time: '2026-11-23T10:00:00.000000000Z' },
    { action: 'unknown', quality: { parse: 'failed', warnings: ['csv: the quoted field 2 has no end'] } },
  ])
  expect(batch.unparsed).toBe(1)
})

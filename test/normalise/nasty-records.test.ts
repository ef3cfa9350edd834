// What records can hold that JSON, JavaScript or a careless agent would change, drop or die of: one test for each.
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../src/event/canonical.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { type Event, eventsOf, invalid, lines, observed, spec, stream } from './normalising.ts'

const mapping = {
  time: 'ts',
  'actor.id': 'user.id',
  action: 'event',
  'metadata.kept': 'kept',
  targets: [{ each: 'items', id: 'id' }],
}
const normaliser = compileNormaliser(spec(mapping))

/** The events of lines, each valid, in canonical form and with the bytes that it says. */
function events(text: string | Uint8Array): Event[] {
  const batch = lines(normaliser, text)
  const made = eventsOf(batch)
  for (const event of made) expect(invalid(event)).toBeUndefined()
  expect(Buffer.from(batch.payload).toString()).toBe(made.map((event) => `${canonicalize(event)}\n`).join(''))
  return made
}

const one = (text: string): Event => {
  const [event, ...more] = events(`${text}\n`)
  expect(more).toEqual([])
  return event!
}
const warnings = (event: Event) => (event.quality as { warnings?: string[] }).warnings ?? []

test('integers beyond 2^53 are texts, wherever they end up', () => {
  const event = one(
    '{"user":{"id":9007199254740993},"kept":{"n":-9007199254740993},"items":[{"id":18446744073709551615}],"rest":9007199254740992}',
  )
  expect(event).toMatchObject({
    actor: { id: '9007199254740993' },
    metadata: { kept: { n: '-9007199254740993' } },
    targets: [{ id: '18446744073709551615' }],
    unmapped: { rest: '9007199254740992' },
  })
  expect(warnings(event)).toHaveLength(4)
  expect(one('{"user":{"id":9007199254740991}}')).toMatchObject({
    actor: { id: '9007199254740991' },
    quality: { parse: 'ok' },
  })
})

test('duplicate keys: the last one counts, and is told', () => {
  const event = one('{"user":{"id":"a","id":"b"},"x":1,"x":{"y":2}}')
  expect(event).toMatchObject({ actor: { id: 'b' }, unmapped: { x: { y: 2 } } })
  expect(warnings(event)).toEqual([
    'duplicate key, the last one is kept: user.id',
    'duplicate key, the last one is kept: x',
  ])
})

test('lone surrogates become U+FFFD, in keys and values', () => {
  const event = one(String.raw`{"user":{"id":"a\ud800"},"\udfff":["\ud83d\ude00"]}`)
  expect(event).toMatchObject({ actor: { id: 'a\ufffd' }, unmapped: { '\ufffd': ['😀'] } })
  expect(warnings(event)).toEqual([
    'lone surrogate replaced by U+FFFD: user.id',
    'lone surrogate replaced by U+FFFD: \ufffd',
  ])
})

describe('nesting', () => {
  const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`

  test('as deep as 200 levels is kept', () => {
    expect(one(nested(200))).toMatchObject({ quality: { parse: 'ok' } })
  })

  test.each([201, 10_000, 200_000])('%i levels deep is unreadable, and kept whole', (levels) => {
    const event = one(nested(levels))
    expect(event.quality).toEqual({ parse: 'failed', warnings: ['nested deeper than 200 levels'] })
    expect(event.raw).toMatchObject({ size: nested(levels).length })
  })
})

test('5 MB in one record: in one text, and in many members', () => {
  const text = 'x'.repeat(5 * 1024 * 1024)
  const many = Array.from({ length: 200_000 }, (_, n) => ({ n, text: 'abcdef' }))
  for (const rest of [{ text }, { many }]) {
    const record = JSON.stringify({ user: { id: 'u' }, ...rest })
    const batch = lines(normaliser, `${record}\n`)
    const end = `"unmapped":${JSON.stringify(rest)}}\n`
    expect(record.length).toBeGreaterThan(5_000_000)
    expect(Buffer.from(batch.payload).subarray(-end.length).equals(Buffer.from(end))).toBe(true)
    expect(batch).toMatchObject({ count: 1, unparsed: 0 })
  }
})

test('keys that objects inherit: __proto__, constructor, hasOwnProperty, toString', () => {
  const line =
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1,"toString":"t","kept":{"__proto__":2},"user":{"__proto__":{"id":"x"}}}'
  const event = one(line)
  expect(JSON.stringify(event.unmapped)).toBe(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1,"toString":"t","user":{"__proto__":{"id":"x"}}}',
  )
  expect(JSON.stringify(event.metadata)).toBe('{"kept":{"__proto__":2}}')
  expect(event.actor).toEqual({ type: 'unknown' })
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
  const named = compileNormaliser(
    spec({ 'actor.id': '__proto__.id', 'actor.name': 'constructor.name', 'actor.email': 'toString' }),
  )
  expect(eventsOf(lines(named, '{}\n'))[0]!.actor).toEqual({ type: 'unknown' })
  expect(
    eventsOf(lines(named, '{"__proto__":{"id":"p"},"constructor":{"name":"c"},"toString":"t"}\n'))[0]!.actor,
  ).toEqual({
    email: 't',
    id: 'p',
    name: 'c',
    type: 'unknown',
  })
})

test('numbers that no double holds: 1e400, 1e-400, twenty digits of fraction', () => {
  const event = one('{"kept":1e400,"a":-1e400,"b":1e-400,"c":0.12345678901234567891}')
  expect(event).toMatchObject({
    metadata: { kept: '1e400' },
    unmapped: { a: '-1e400', b: '1e-400', c: '0.12345678901234567891' },
  })
  expect(warnings(event)).toHaveLength(4)
})

test('NaN and Infinity: no JSON in a line, texts in records that arrive decoded', () => {
  expect(one('{"a":NaN}').quality).toMatchObject({ parse: 'failed' })
  const value = { kept: Number.NaN, list: [Number.POSITIVE_INFINITY], user: { id: Number.NaN } }
  const [event] = eventsOf(normaliser.records({ stream, index: 0, observed, records: [{ value }] }))
  expect(invalid(event!)).toBeUndefined()
  expect(event).toMatchObject({
    actor: { type: 'unknown' },
    metadata: { kept: 'NaN' },
    unmapped: { list: ['Infinity'], user: { id: 'NaN' } },
  })
  expect(warnings(event!)).toEqual([
    'a number that JSON cannot hold was written as text: NaN',
    'a number that JSON cannot hold was written as text: Infinity',
  ])
})

test('NUL bytes: escaped in a text they are kept, raw in one they are no JSON, before a line they are nothing', () => {
  const nul = '\0'
  expect(one(String.raw`{"user":{"id":"a\u0000b"}}`)).toMatchObject({
    actor: { id: `a${nul}b` },
    quality: { parse: 'ok' },
  })
  expect(one(`{"user":{"id":"a${nul}b"}}`).quality).toMatchObject({ parse: 'failed' })
  expect(one(`${nul.repeat(4096)}{"user":{"id":"u"}}`)).toMatchObject({
    actor: { id: 'u' },
    provenance: { offset: 4096 },
  })
})

test('bytes that are not UTF-8 cost one line, and are kept', () => {
  const bytes = Buffer.concat([
    Buffer.from('{"user":{"id":"a"}}\n{"user":{"id":"'),
    Buffer.from([0xff, 0xc0, 0x80]),
    Buffer.from('"}}\n{"user":{"id":"b"}}\n'),
  ])
  expect(events(bytes)).toMatchObject([
    { actor: { id: 'a' } },
    { quality: { parse: 'failed', warnings: ['the line is not UTF-8'] }, raw: { encoding: 'base64' } },
    { actor: { id: 'b' } },
  ])
})

test('keys that JavaScript reorders are in canonical order', () => {
  const event = one('{"10":1,"9":2,"-":3,"kept":{"1":1,"01":2}}')
  expect(event).toMatchObject({ unmapped: { '10': 1, '9': 2, '-': 3 } })
})

test('what reads like code stays text: of records, and of mappings', () => {
  const code = '`${process.exit(1)}`"];process.exit(1)//\u2028'
  const hostile = compileNormaliser(
    spec({
      action: { const: code },
      'actor.id': JSON.stringify(code),
      'outcome.reason': { template: `{${JSON.stringify(code)}}${code.replaceAll(/[{}[\]]/g, '')}` },
      targets: [{ id: `list[${JSON.stringify(code)}=${JSON.stringify(code)}].id` }],
      decode: { csv: { columns: [code], delimiter: '\t', quote: "'" } },
    }),
  )
  expect(eventsOf(lines(hostile, `${code}\n`))[0]).toMatchObject({ action: code, actor: { id: code } })
})

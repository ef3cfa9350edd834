// Whatever a record holds, what the normaliser writes is RFC 8785, valid, and as long as it says.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../src/event/canonical.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { full, seed } from '../seed.ts'
import { eventsOf, invalid, lines, observed, spec, stream } from './normalising.ts'

const nastyKeys = [
  '__proto__',
  'constructor',
  'toString',
  'length',
  'hasOwnProperty',
  '10',
  '9',
  '-',
  '',
  'ä',
  '\ud83d\ude00',
  'user',
  'id',
  'event',
  'password',
  'targets',
  'resource',
  'type',
  'invoice',
  'a.b',
  'map',
  '\u2028',
  '\ufb33',
  'actor',
  'ts',
  'resources',
  'ip',
  'level',
  '4294967295',
  '01',
]
const nastyStrings = [
  '',
  'x',
  'user.login',
  'invoice.approve',
  '2026-11-23T12:00:00Z',
  '__proto__',
  '\ud800',
  '\\ud800',
  'a\u2028b',
  '\u0000',
  'é',
  '\udc00x',
  'constructor.update',
  'password.reset',
]

const key = fc.oneof(fc.constantFrom(...nastyKeys), fc.string({ maxLength: 4, unit: 'binary' }))
const leaf = fc.oneof(
  fc.constantFrom<unknown>(...nastyStrings),
  fc.string({ maxLength: 8, unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
)
const { record } = fc.letrec<{ value: unknown; record: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('record')),
  record: fc.array(fc.tuple(key, tie('value')), { maxLength: 8 }).map((entries) => fromEntries(entries)),
}))

/** Own members whatever they are called, `__proto__` too. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object = {}
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return object
}

const redact = [{ key: ['password', 'constructor'], method: 'mask' as const }]

describe.each(['json', 'kubernetes', 'otlp', 'plain'])('%s', (preset) => {
  const plainSpec = compileNormaliser(spec({ preset }))
  const redacting = compileNormaliser(spec({ preset }, { redact }))

  test('records: canonical bytes, valid events, true lengths', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), fc.boolean(), (values, redacts) => {
        const normaliser = redacts ? redacting : plainSpec
        const batch = normaliser.records({
          stream,
          records: values.map((value) => ({ value })),
          index: 0,
          observed,
        })
        check(batch)
        expect(batch.unparsed).toBe(0)
      }),
      { numRuns: full ? 300 : 60, seed },
    )
  })

  test('lines: one event each, whatever stands in them', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), (values) => {
        const batch = lines(redacting, values.map((value) => `${JSON.stringify(value)}\n`).join(''))
        check(batch)
        expect(batch.count).toBe(values.length)
      }),
      { numRuns: full ? 200 : 40, seed },
    )
  })
})

function check(batch: ReturnType<typeof lines>): void {
  let at = 0
  for (let i = 0; i < batch.count; i++) {
    const text = Buffer.from(batch.payload).toString('utf8', at, at + batch.lengths[i]!)
    expect(text).toBe(canonicalize(JSON.parse(text)))
    expect(invalid(JSON.parse(text))).toBeUndefined()
    at += batch.lengths[i]! + 1
    expect(batch.payload[at - 1]).toBe(0x0a)
  }
  expect(batch.payload.length).toBe(at)
}

test('numbers that JSON cannot hold are kept as text, with a warning', () => {
  const normaliser = compileNormaliser(spec({ preset: 'json' }))
  const value = { a: Number.POSITIVE_INFINITY, b: { c: [Number.NaN] } }
  const [event] = eventsOf(normaliser.records({ stream, records: [{ value }], index: 0, observed }))
  expect(event).toMatchObject({ unmapped: { a: 'Infinity', b: { c: ['NaN'] } }, quality: { parse: 'ok' } })
  expect(event!.quality).toHaveProperty('warnings')
})

test('a record that is nested too deep is kept as unreadable, and its neighbours are not touched', () => {
  const deep = `${'{"a":'.repeat(150)}1${'}'.repeat(150)}`
  const deeper = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`
  const batch = lines(compileNormaliser(spec({ preset: 'json' })), `{"x":1}\n${deep}\n${deeper}\n{"y":1}\n`)
  check(batch)
  expect(eventsOf(batch).map(({ quality }) => quality)).toMatchObject([
    { parse: 'ok' },
    { parse: 'ok' },
    { parse: 'failed' },
    { parse: 'ok' },
  ])
  expect(batch.rawLengths[2]).toBe(deeper.length)
})

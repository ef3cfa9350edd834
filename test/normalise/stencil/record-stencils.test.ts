// Records that are no line as they stand take the short way too, and it is never another way than the general one.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineMakers } from '../../../bench/normalise/lines/index.ts'
import { makeLot } from '../../../bench/normalise/lot.ts'
import type { LineChunk } from '../../../src/event/record.ts'
import type { NormaliserSpec } from '../../../src/normalise/contract.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { full } from '../../seed.ts'

const runs = full ? 300 : 15

const spec = (mapping: NormaliserSpec['mapping']): NormaliserSpec => ({
  agent: { id: 'test', version: '0.0.0' },
  receiver: 'app',
  mapping,
  raw: 'none',
  require: { default: ['actor.id', 'action', 'targets', 'outcome.result'] },
  hashKeys: [{ id: 'test', secret: '00'.repeat(32) }],
  redact: [{ key: ['password'], method: 'drop' }],
  routes: [{ name: 'all', to: ['out'], continue: false }],
})

const stream = { id: '0123456789abcdef0123456789abcdef', receiver: 'app' }

function chunkOf(lines: readonly string[], offset: number): LineChunk {
  const bytes = new Uint8Array(Buffer.from(lines.map((line) => `${line}\n`).join('')))
  return { stream, bytes, offset, observed: 1_796_000_000_000 + offset }
}

/** Both ways over the same chunks, byte for byte; returns how many records took the short one. */
function both(which: NormaliserSpec, chunks: readonly LineChunk[]): number {
  const short = compileNormaliser(which)
  const general = compileNormaliser(which, { stencils: false })
  for (const chunk of chunks) {
    const [a, b] = [short.lines(chunk), general.lines(chunk)]
    expect(Buffer.from(a.payload).toString('utf8')).toBe(Buffer.from(b.payload).toString('utf8'))
    expect({ ...a, payload: 0 }).toEqual({ ...b, payload: 0 })
  }
  return short.served
}

test.each([
  'auditd',
  'nginx',
  'nginx_json',
  'keycloak',
  'pgaudit',
  'pgaudit_json',
  'pgaudit_stderr',
  'aks',
  'plain',
])('preset %s', (preset) => {
  const { chunks, records } = makeLot(lineMakers[preset]!, 100_000)
  expect(both(spec({ preset }), [...chunks, ...chunks])).toBeGreaterThan(records)
})

describe('several records in a line', () => {
  const batch = (n: number, records: readonly string[]) =>
    Array.from({ length: n }, (_, i) => `{"Records":[${records.slice(i * 20, i * 20 + 20).join(',')}]}`)

  test('each has its own index and id', () => {
    const lot = makeLot(lineMakers.cloudtrail!, 400_000)
    const lines = lot.chunks.flatMap(({ bytes }) => Buffer.from(bytes).toString().trimEnd().split('\n'))
    const lists = batch(Math.floor(lines.length / 20), lines)
    expect(
      both(spec({ preset: 'cloudtrail' }), [chunkOf(lists, 0), chunkOf(lists, 5_000_000)]),
    ).toBeGreaterThan(lines.length)
  })

  test('and what stands beside them is kept with the first', () => {
    const records = Array.from({ length: 400 }, (_, i) => `{"user":"u_${i}","event":"order.read","id":${i}}`)
    const lines = Array.from(
      { length: 20 },
      (_, i) => `{"batch":${i},"items":[${records.slice(20 * i, 20 * i + 20).join(',')}]}`,
    )
    const mapping = { extends: 'json', records: 'items' }
    expect(both(spec({ inline: mapping }), [chunkOf(lines, 0), chunkOf(lines, 9_000)])).toBeGreaterThan(300)
  })
})

describe('random records', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'read',
      'delete',
      'ok',
      'failed',
      '',
      '-',
      'null',
      '0',
      'é',
      'a"b',
      'a\\b',
      '\u0001',
      '😀',
    ),
    fc.string({ maxLength: 20 }),
  )
  const value = fc.oneof(
    word,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(word, { maxLength: 3 }),
  )
  const record = fc.dictionary(
    fc.constantFrom('user', 'event', 'ts', 'ip', 'text', 'password', 'order', '10', '__proto__', 'more'),
    value,
  )
  const mapping = {
    let: { who: { path: 'user', match: '^[a-z]+$' } },
    time: 'ts',
    action: { template: 'x:{event}' },
    'actor.id': ['$who', 'user'],
    'actor.name': { path: 'text', match: '(\\w+) ' },
    'outcome.result': { path: 'order', table: { ok: 'success', 'f*': 'failure' } },
    targets: [{ type: { const: 'thing' }, id: 'more' }],
  }

  test('within a list', () => {
    const lists = fc.array(fc.array(record, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(lists, (all) => {
        const lines = all.map((items) => JSON.stringify({ items }))
        const again = [...lines, ...lines, ...lines]
        both(spec({ inline: { ...mapping, records: 'items' } }), [chunkOf(again, 0), chunkOf(again, 100_000)])
      }),
      { numRuns: runs },
    )
  })

  test('as text within a record', () => {
    const texts = fc.array(fc.tuple(record, word), { minLength: 1, maxLength: 40 })
    const expanded = { ...mapping, expand: [{ path: 'text', as: 'json' }] }
    fc.assert(
      fc.property(texts, (all) => {
        const lines = all.map(([inner, user]) => JSON.stringify({ user, text: JSON.stringify(inner) }))
        const again = [...lines, ...lines, ...lines]
        both(spec({ inline: expanded }), [chunkOf(again, 0), chunkOf(again, 100_000)])
      }),
      { numRuns: runs },
    )
  })

  test('as text within some records: lines without one are filled as they stand', () => {
    const expanded = { ...mapping, expand: [{ path: 'at[0].text', as: 'json' }] }
    const line = (n: number, text: unknown) =>
      JSON.stringify({ user: `u_${n}`, event: 'order.read', order: n, at: [{ text }] })
    const texts = ['{"a":1,"b":"c"}', '', { a: 1 }, undefined, '[1]', 'no JSON', 7]
    const lines = Array.from({ length: 700 }, (_, n) => line(n, texts[n % texts.length]))
    const chunks = [chunkOf(lines, 0), chunkOf(lines, 100_000)]
    // What has a warning is never filled in.
    expect(both(spec({ inline: expanded }), chunks)).toBeGreaterThan(1_100)
  })

  test('as pairs', () => {
    const pairs = fc.array(
      fc.dictionary(fc.constantFrom('user', 'event', 'ts', 'text', 'order', 'more'), word),
      { minLength: 1, maxLength: 40 },
    )
    fc.assert(
      fc.property(pairs, (all) => {
        const lines = all.map(
          (one) =>
            `k=v ${Object.entries(one)
              .map(([key, text]) => `${key}=${JSON.stringify(text).replaceAll('\n', ' ')}`)
              .join(' ')}`,
        )
        const again = [...lines, ...lines, ...lines]
        both(spec({ inline: { ...mapping, decode: 'key_value' } }), [
          chunkOf(again, 0),
          chunkOf(again, 100_000),
        ])
      }),
      { numRuns: runs },
    )
  })
})

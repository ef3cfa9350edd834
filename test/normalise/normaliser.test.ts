import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, observed, spec, stream } from './normalising.ts'

const json = { preset: 'json' }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('an unreadable line is kept with its bytes, and spoils nothing', () => {
  const bytes = Buffer.concat([
    Buffer.from('{"a":1}\nnot json\n'),
    Buffer.from([0xff, 0xfe, 0x0a]),
    Buffer.from('{"b":2}\n'),
  ])
  const batch = lines(compileNormaliser(spec(json)), bytes)
  expect(batch).toMatchObject({ count: 4, records: 4, unparsed: 2, skipped: 0 })
  const events = eventsOf(batch)
  for (const event of events) expect(invalid(event)).toBeUndefined()
  expect(events[1]).toMatchObject({
    quality: { parse: 'failed' },
    raw: { encoding: 'utf-8', sha256: sha256('not json'), size: 8 },
    provenance: { offset: 8, length: 8 },
  })
  expect(events[2]).toMatchObject({ raw: { encoding: 'base64', size: 2 } })
  expect([...batch.rawLengths]).toEqual([0, 8, 2, 0])
  expect(Buffer.from(batch.raw)).toEqual(Buffer.concat([Buffer.from('not json'), Buffer.from([0xff, 0xfe])]))
})

test('ids depend on position and bytes alone', () => {
  const text = '{"a":1}\n{"a":1}\n'
  const ids = eventsOf(lines(compileNormaliser(spec(json)), text)).map(({ id }) => id)
  expect(ids[0]).not.toBe(ids[1])
  const second = lines(compileNormaliser(spec(json)), '{"a":1}\n', 8)
  expect(eventsOf(second)[0]!.id).toBe(ids[1])
})

test('a record over the limit is one event with its head, size and hash', () => {
  const bytes = new Uint8Array(Buffer.from('{"a":"head'))
  const oversize = { size: 1e9, sha256: sha256('all of it') }
  const batch = compileNormaliser(spec(json)).lines({ stream, bytes, offset: 7, observed, oversize })
  const [event] = eventsOf(batch)
  expect(invalid(event!)).toBeUndefined()
  expect(batch).toMatchObject({ count: 1, unparsed: 1 })
  expect(event).toMatchObject({
    raw: { size: 1e9, sha256: oversize.sha256, truncated: true },
    provenance: { offset: 7, length: 1e9 },
  })
})

test('select skips, and counts', () => {
  const batch = lines(
    compileNormaliser(spec(json, { select: 'has(record.audit)' })),
    '{"audit":1}\n{"x":1}\n',
  )
  expect(batch).toMatchObject({ count: 1, records: 2, skipped: 1 })
})

test('raw: hash names the bytes, full keeps them', () => {
  const text = '{"a":"ä"}'
  const hashed = lines(compileNormaliser(spec(json, { raw: 'hash' })), `${text}\n`)
  expect(eventsOf(hashed)[0]).toMatchObject({ raw: { sha256: sha256(text), size: 10 } })
  expect(hashed.raw).toHaveLength(0)
  const full = lines(compileNormaliser(spec(json, { raw: 'full' })), `${text}\n`)
  expect(Buffer.from(full.raw).toString()).toBe(text)
})

test('routes are decided, and drops counted by route', () => {
  const routes = [
    { name: 'noise', when: 'action == "ping"', to: [], drop: 'probes', continue: false },
    { name: 'logins', when: 'operation == "login"', to: ['a'], continue: true },
    { name: 'rest', to: ['b'], continue: false },
  ]
  const text = '{"event":"ping"}\n{"event":"user.login"}\n{"event":"x"}\n'
  const batch = lines(compileNormaliser(spec(json, { routes })), text)
  expect(batch).toMatchObject({ count: 2, records: 3, routeWords: 1 })
  expect([...batch.routes]).toEqual([0b110, 0b100])
  expect(batch.dropped).toEqual([1, 0, 0])
})

test('a line that is a list of records is as many events', () => {
  const normaliser = compileNormaliser(spec({ extends: 'json', records: 'items' }))
  const list = [{ user: 'u_1' }, { n: 1, items: [{ user: 'u_2' }, { user: 'u_3' }] }, { user: 'u_4' }]
  const batch = lines(normaliser, `${JSON.stringify(list)}\n${JSON.stringify(list[0])}\n`)
  const events = eventsOf(batch)
  expect(batch).toMatchObject({ count: 5, records: 5, unparsed: 0 })
  expect(events).toMatchObject([
    { actor: { id: 'u_1' }, provenance: { index: 0, offset: 0 } },
    { actor: { id: 'u_2' }, provenance: { index: 1 }, metadata: { envelope: { n: 1 } } },
    { actor: { id: 'u_3' }, provenance: { index: 2 } },
    { actor: { id: 'u_4' }, provenance: { index: 3 } },
    { actor: { id: 'u_1' } },
  ])
  expect(new Set(events.map(({ id }) => id)).size).toBe(5)
  expect(events[2]).not.toHaveProperty('metadata')
  expect(events[4]).not.toHaveProperty('provenance.index')
})

test('explain says which path fed which member', () => {
  const record = { ts: '2026-11-23T12:00:00+01:00', user: 'u_42', event: 'invoice.approve' }
  expect(compileNormaliser(spec(json)).explain(record)).toEqual(
    expect.arrayContaining([
      { source: 'user', target: 'actor.id', value: 'u_42' },
      { source: 'event', target: 'action', value: 'invoice.approve' },
      { source: 'ts', target: 'time', value: '2026-11-23T11:00:00.000000000Z' },
    ]),
  )
})

test('explain names the field that a computed source found', () => {
  const record = { user: 'u_42', event: 'invoice.approve', invoice: 'inv_7', invoice_name: 'March' }
  expect(compileNormaliser(spec(json)).explain(record)).toEqual(
    expect.arrayContaining([
      { source: 'invoice', target: 'targets.id', value: 'inv_7' },
      { source: 'invoice_name', target: 'targets.name', value: 'March' },
    ]),
  )
})

test('a mapping that is wrong names every problem', () => {
  expect(() => compileNormaliser(spec({ 'actor.nick': 'a', action: '' }))).toThrow(/actor\.nick[\s\S]*action/)
  expect(() => compileNormaliser(spec({ preset: 'nope' }))).toThrow(/no preset "nope"/)
})

test('what two loops, or a loop and an index, took of an array is in unmapped no more', () => {
  const mapping = {
    targets: { each: 'items', id: 'id', type: 'type' },
    changes: [
      { each: 'items', target: 'id', old: 'diff.from', new: 'diff.to' },
      { each: 'items[0].more', path: 'name', new: 'value' },
    ],
  }
  const [event] = eventsOf(
    lines(
      compileNormaliser(spec(mapping)),
      `${JSON.stringify({
        items: [
          {
            id: 'a',
            type: 't',
            diff: { from: 1, to: 2, at: 3 },
            more: [{ name: 'n', value: 'v', kind: 'k' }],
          },
          { id: 'b', diff: { from: 4 }, more: [{ name: 'm' }] },
        ],
      })}\n`,
    ),
  )
  expect(event).toMatchObject({
    changes: [
      { target: 'a', old: 1, new: 2 },
      { target: 'b', old: 4 },
      { path: 'n', new: 'v' },
    ],
  })
  expect(event).toHaveProperty('unmapped', {
    items: [{ diff: { at: 3 }, more: [{ kind: 'k' }] }, { more: [{ name: 'm' }] }],
  })
  const [whole] = eventsOf(
    lines(compileNormaliser(spec(mapping)), `${JSON.stringify({ items: [{ id: 'a', diff: { to: 2 } }] })}\n`),
  )
  expect(whole).not.toHaveProperty('unmapped')
})

describe('nothing is lost', () => {
  const names = ['user', 'id', 'name', 'resource', 'items', 'a', 'b', 'sku', 'constructor', 'type']
  const mapping = {
    'actor.id': ['user.id', 'user.name', 'user'],
    'actor.type': { path: 'user.type', table: { v1: 'service' } },
    'metadata.a': 'a',
    action: { template: '{b}[:{type}]' },
    targets: [
      { each: 'items', id: ['id', 'sku', '.'], type: 'type' },
      { id: 'resource.id', type: 'resource.type' },
    ],
  }
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.nat({ max: 20 }).map((n) => `v${n}`),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('node'), { maxKeys: 4 }),
    ),
  })).node

  const twice = {
    'actor.id': 'items[0].user.id',
    targets: { each: 'items', id: ['id', 'sku'], type: 'type' },
    scope: { each: 'items', id: 'name', type: 'a' },
    changes: [
      { each: 'items[0].user', path: '$key', new: '.' },
      { each: 'items', target: 'id', old: 'b', new: 'resource' },
    ],
  }

  test.each([
    ['once', mapping],
    ['twice', twice],
  ])('every value of a record is in its event, whatever the mapping took: %s', (_, whole) => {
    const normaliser = compileNormaliser(spec(whole))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 }), (record) => {
        const batch = lines(normaliser, `${JSON.stringify(record)}\n`)
        const event = eventsOf(batch)[0]!
        expect(invalid(event)).toBeUndefined()
        const there = leaves(event)
        for (const leaf of leaves(record)) {
          const found = there.some((text) => text === leaf || text.split(':').includes(leaf))
          const translated = leaf === 'v1' && JSON.stringify(event).includes('"type":"service"')
          expect(found || translated, leaf).toBe(true)
        }
      }),
      { numRuns: 1000, seed: 7 },
    )
  })
})

function leaves(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves)
  return typeof value === 'string' ? [value] : []
}

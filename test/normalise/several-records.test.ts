// Lists of records in which something stands that is none: what is good becomes events, and what is not says where it was.
import { describe, expect, test } from 'vitest'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { type Event, eventsOf, invalid, lines, observed, spec, stream } from './normalising.ts'

const mapping = { extends: 'json', records: 'list.items' }
const bad = [5, 'text', null, true, ['u_9']]
const reasons = ['a number', 'a text', 'null', 'a boolean', 'a list']

/** What is kept of each record, by event. */
function rawsOf(batch: ReturnType<typeof lines>): string[] {
  let at = 0
  return [...batch.rawLengths].map((length) => {
    at += length
    return Buffer.from(batch.raw.subarray(at - length, at)).toString()
  })
}

const at = ({ provenance }: Event) => (provenance as { index?: number }).index
const text = (...values: unknown[]) => `${values.map((value) => JSON.stringify(value)).join('\n')}\n`

test('a line that is a list', () => {
  const list = [bad[0], { user: 'u_1' }, bad[1], bad[2], { user: 'u_2' }, bad[3], bad[4]]
  const batch = lines(compileNormaliser(spec(mapping)), text(list, { user: 'u_3' }))
  const events = eventsOf(batch)
  expect(batch).toMatchObject({ count: 8, records: 8, unparsed: 5 })
  for (const event of events) expect(invalid(event)).toBeUndefined()
  expect(events.map(at)).toEqual([1, 4, 0, 2, 3, 5, 6, undefined])
  expect(events.slice(0, 2)).toMatchObject([{ actor: { id: 'u_1' } }, { actor: { id: 'u_2' } }])
  expect(events.slice(2, 7).map(({ quality }) => quality)).toEqual(
    [0, 2, 3, 5, 6].map((index, i) => ({
      parse: 'failed',
      warnings: [`no record: [${index}] is ${reasons[i]}, an object belongs there`],
    })),
  )
  expect(rawsOf(batch)).toEqual(['', '', ...bad.map((value) => JSON.stringify(value)), ''])
  expect(new Set(events.map(({ id }) => id)).size).toBe(8)
})

test('a list within a record, and a list of such', () => {
  const several = { n: 1, list: { of: 'x', items: ['text', { user: 'u_1' }, { user: 'u_2' }, 7] } }
  const normaliser = compileNormaliser(spec(mapping))
  const within = eventsOf(lines(normaliser, text(several)))
  expect(within).toMatchObject([
    { actor: { id: 'u_1' }, provenance: { index: 1 }, metadata: { envelope: { n: 1, list: { of: 'x' } } } },
    { actor: { id: 'u_2' }, provenance: { index: 2 } },
    {
      provenance: { index: 0 },
      quality: { warnings: [expect.stringContaining('list.items[0] is a text,')] },
    },
    {
      provenance: { index: 3 },
      quality: { warnings: [expect.stringContaining('list.items[3] is a number,')] },
    },
  ])
  expect(within[1]!.metadata).toBeUndefined()
  const lists = eventsOf(lines(normaliser, text([several, null, several, { user: 'u_3' }])))
  expect(lists.map(at)).toEqual([1, 2, 6, 7, 9, 0, 3, 4, 5, 8])
  expect(new Set(lists.map(({ id }) => id)).size).toBe(10)
})

test.each([
  ['kubernetes', { kind: 'EventList', apiVersion: 'audit.k8s.io/v1' }, 'items', { verb: 'get' }, 'k8s:get'],
  [
    'cloudtrail',
    {},
    'Records',
    { eventSource: 's3.amazonaws.com', eventName: 'GetObject' },
    's3.amazonaws.com:GetObject',
  ],
])('as %s has them, recognised or named', (preset, around, member, record, action) => {
  const document = { ...around, [member]: [record, 'not a record', record] }
  for (const named of [preset, 'auto']) {
    const events = eventsOf(lines(compileNormaliser(spec({ preset: named })), text(document)))
    expect(events).toMatchObject([
      { action, quality: { parse: 'ok' } },
      { action, quality: { parse: 'ok' } },
      {
        provenance: { index: 1 },
        quality: {
          parse: 'failed',
          warnings: [`no record: ${member}[1] is a text, an object belongs there`],
        },
      },
    ])
  }
})

test('a list is recognised by its first object', () => {
  const list = [null, { apiVersion: 'audit.k8s.io/v1', kind: 'Event', verb: 'get' }]
  expect(eventsOf(lines(compileNormaliser(spec({ preset: 'auto' })), text(list)))).toMatchObject([
    { action: 'k8s:get', provenance: { preset: 'kubernetes' } },
    { quality: { parse: 'failed' } },
  ])
})

test('without any object it is no list of records', () => {
  const events = eventsOf(
    lines(compileNormaliser(spec(mapping)), text([1, 'a'], { user: 'u', list: { items: [1] } })),
  )
  expect(events).toMatchObject([
    { quality: { parse: 'failed', warnings: ['JSON, but neither an object nor a list of objects'] } },
    { actor: { id: 'u' }, unmapped: { list: { items: [1] } } },
  ])
})

test('of a message that arrived decoded', () => {
  const chunk = {
    stream,
    records: [{ value: { list: { items: [1, { user: 'u_1' }] } } }],
    index: 0,
    observed,
  }
  expect(eventsOf(compileNormaliser(spec(mapping)).records(chunk))).toMatchObject([
    { actor: { id: 'u_1' } },
    { quality: { parse: 'failed' } },
  ])
})

describe('what is kept', () => {
  const list = ['text', { user: 'u_1', password: 'hunter2' }, { user: 'u_2' }]

  test('raw: full: the first record keeps the line', () => {
    const batch = lines(compileNormaliser(spec(mapping, { raw: 'full' })), text(list))
    expect(eventsOf(batch).map(at)).toEqual([1, 2, 0])
    expect(rawsOf(batch)).toEqual([JSON.stringify(list), '', '"text"'])
  })

  test('redaction has each by itself', () => {
    const given = [...list, [{ password: 'hunter3', mail: 'a@example.com' }], 'write to b@example.com']
    const redact = [
      { key: ['password'], method: 'drop' as const },
      { pattern: ['email'], method: 'mask' as const },
    ]
    const batch = lines(compileNormaliser(spec(mapping, { redact })), text(given))
    const kept = rawsOf(batch).join('\n')
    expect(eventsOf(batch)).toHaveLength(5)
    expect(kept).toContain('text')
    expect(kept).not.toMatch(/hunter|example\.com/)
  })
})

test('stencils write the same', () => {
  const many = text(
    ...Array.from({ length: 400 }, (_, n) => [
      { user: `u_${n}`, event: 'order.read' },
      n,
      { user: 'x', event: 'a.b' },
    ]),
  )
  const quick = compileNormaliser(spec(mapping))
  const made = lines(quick, many)
  expect(quick.served).toBeGreaterThan(100)
  const general = lines(compileNormaliser(spec(mapping), { stencils: false }), many)
  expect(Buffer.from(made.payload).equals(Buffer.from(general.payload))).toBe(true)
  expect(rawsOf(made)).toEqual(rawsOf(general))
})

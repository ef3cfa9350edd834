// Records that clients deliver laid out: whatever the records, the bytes are those of the general path.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LineRecord, RecordChunk } from '../../../src/event/record.ts'
import type { NormaliserSpec } from '../../../src/normalise/contract.ts'
import { compileNormaliser, type InlineNormaliser } from '../../../src/normalise/normaliser.ts'
import { full } from '../../seed.ts'
import { layOut } from '../lay-out.ts'
import { observed, spec, stream } from '../normalising.ts'

const runs = full ? 300 : 15

interface Given {
  readonly value: object
  readonly id?: LineRecord['id']
}

function chunkOf(given: readonly Given[], index: number, peer: RecordChunk['peer']): RecordChunk {
  const { laidOut, values } = layOut(given.map(({ value }) => value))
  const records = given.map(({ id }, i): LineRecord => ({ ...laidOut[i]!, id }))
  return { stream, records, values, index, observed, ...(peer && { peer }) }
}

/** An id that is made of the time has random digits. */
const timeOrdered = /"id":"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"/g

interface Ways {
  readonly short: InlineNormaliser
  readonly general: InlineNormaliser
}

const waysOf = (which: NormaliserSpec): Ways => ({
  short: compileNormaliser(which),
  general: compileNormaliser(which, { stencils: false }),
})

/** Both ways over the same chunks, byte for byte; returns how many records took the short one. */
function both({ short, general }: Ways, chunks: readonly RecordChunk[]): number {
  for (const chunk of chunks) {
    const [a, b] = [short.records(chunk), general.records(chunk)]
    const text = (payload: Uint8Array) =>
      Buffer.from(payload).toString().replace(timeOrdered, '"id":"by time"')
    expect(text(a.payload)).toBe(text(b.payload))
    expect({ ...a, payload: 0 }).toEqual({ ...b, payload: 0 })
  }
  return short.served
}

const text = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('', 'user', 'a"b', 'é', '\u0000'))
const value = fc.record({
  attributes: fc.record(
    {
      'audit.record.id': fc.oneof(fc.uuid(), fc.constant('r1')),
      'audit.action': fc.constantFrom('a.create', 'a.delete'),
      'audit.actor.id': text,
      'audit.actor.type': fc.constantFrom('user', 'Agent', 'x'),
      'audit.target.type': fc.constantFrom('order', 'role'),
      'audit.target.id': text,
      'audit.outcome': fc.constantFrom('success', 'denied', 'x'),
      'client.address': fc.constantFrom('10.0.0.1', 'host.example', 'unknown', '::1'),
      'client.port': fc.nat(70_000),
      password: text,
    },
    { requiredKeys: ['audit.action', 'audit.target.type', 'audit.outcome'] },
  ),
  timestamp: fc.nat({ max: 1e9 }).map((n) => `1795417113${String(n).padStart(9, '0')}`),
  resource: fc.constantFrom({ 'service.name': 'shop' }, { 'service.name': 'desk', 'host.name': 'a' }, {}),
})
const id = fc.oneof(
  fc.constant(undefined),
  fc.uuid().map((uuid) => ({ uuid })),
  fc.constant({ uuid: '00000000-0000-0000-0000-000000000000' }),
  fc.record({ uid: text.filter((uid) => uid !== ''), producer: text }),
)
const peer = fc.constantFrom<RecordChunk['peer']>(
  undefined,
  {},
  { ip: '::1' },
  { auth_id: 'ü"', ip: '10.0.0.9' },
)
const chunks = fc.array(
  fc.tuple(fc.array(fc.record({ value, id }), { minLength: 1, maxLength: 40 }), fc.nat(2 ** 40), peer),
  { minLength: 1, maxLength: 6 },
)
const given = ([list, index, by]: readonly [
  readonly { value: object; id: LineRecord['id'] }[],
  number,
  RecordChunk['peer'],
]) =>
  chunkOf(
    list.map(({ value: of, id: own }) => ({ value: of, ...(own && { id: own }) })),
    index,
    by,
  )

const required = { default: ['actor.id', 'action', 'targets', 'outcome.result'] }
const redact = [{ key: ['password'], method: 'drop' as const }]
const site = { static: { 'metadata.environment': 'production' } }

test.each<[string, NormaliserSpec]>([
  ['as they come', spec({ preset: 'otlp' }, { require: required, redact })],
  ['with an enricher', spec({ preset: 'otlp' }, { enrich: [site] as never })],
  ['where the incomplete are rejected', spec({ preset: 'otlp' }, { require: required, onMissing: 'reject' })],
  [
    'where who delivered is redacted',
    spec({ preset: 'otlp' }, { redact: [{ path: ['provenance.peer.ip'], method: 'mask' }] as never }),
  ],
  ['by another preset', spec({ preset: 'json' })],
  ['by the preset that each is of', spec({ preset: 'auto' })],
  ['where raw records are kept', spec({ preset: 'otlp' }, { raw: 'full' })],
])('random records, %s', (_name, which) => {
  // What one run has taught is there in the next, as it is in an agent.
  const ways = waysOf(which)
  fc.assert(
    fc.property(chunks, (list) => {
      both(ways, list.map(given))
    }),
    { numRuns: runs },
  )
})

test('records that are alike take the short way, with ids and without', () => {
  const alike = (n: number, own: boolean): Given => ({
    value: {
      attributes: { 'audit.action': 'order.create', 'audit.actor.id': `u${n}`, 'audit.outcome': 'success' },
      timestamp: `17954171131${String(n).padStart(8, '0')}`,
      resource: { 'service.name': 'shop' },
    },
    ...(own && { id: { uuid: `0193f1c8-3b5e-4c59-8d7e-${String(n).padStart(12, '0')}` } }),
  })
  const many = Array.from({ length: 1000 }, (_, n) => alike(n, n % 2 === 0))
  const served = both(waysOf(spec({ preset: 'otlp' }, { require: required })), [
    chunkOf(many, 7, { ip: '::1' }),
  ])
  expect(served).toBeGreaterThan(990)
})

test('ids are different ones, where they are made of the time', () => {
  const list = Array.from({ length: 50 }, (_, n) => ({ value: { attributes: { 'user.id': `u${n}` } } }))
  const batch = compileNormaliser(spec({ preset: 'otlp' })).records(chunkOf(list, 0, undefined))
  const ids = Buffer.from(batch.payload)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line).id)
  expect(new Set(ids).size).toBe(50)
  expect(ids).toEqual(ids.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)))
})

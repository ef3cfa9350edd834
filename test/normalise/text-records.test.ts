// Records that a client delivers as texts: read by the preset's decoder as lines are, with who delivered them.
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ReceivedRecord } from '../../src/event/record.ts'
import type { InlineNormaliser } from '../../src/normalise/normaliser.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, observed, spec, stream } from './normalising.ts'

const records = (normaliser: InlineNormaliser, ...given: ReceivedRecord[]) =>
  normaliser.records({ stream, records: given, index: 7, observed, peer: { ip: '::1', auth_id: 'shop' } })

test('JSON, with what its decoder warns of', () => {
  const batch = records(compileNormaliser(spec({ preset: 'json' })), {
    text: '{"user":"ada","event":"order.read","n":12345678901234567890}',
  })
  const [event] = eventsOf(batch)
  expect(event).toMatchObject({
    actor: { id: 'ada' },
    provenance: { index: 7, peer: { auth_id: 'shop', ip: '::1' } },
    quality: { parse: 'ok', warnings: ['number kept as text, a double would change it: n'] },
  })
  expect(invalid(event!)).toBeUndefined()
})

test('an access log line, and one that is none', () => {
  const line = '10.0.0.1 - ada [01/Mar/2026:10:00:00 +0000] "GET /orders/7 HTTP/1.1" 200 5 "-" "curl"'
  const batch = records(compileNormaliser(spec({ preset: 'nginx' })), { text: line }, { text: 'nonsense' })
  expect(eventsOf(batch)).toMatchObject([
    { actor: { id: 'ada' }, quality: { parse: 'ok' }, provenance: { index: 7 } },
    { quality: { parse: 'failed' }, provenance: { index: 8 } },
  ])
  expect(batch.unparsed).toBe(1)
  // What could not be read is kept.
  expect(Buffer.from(batch.raw).toString()).toBe('nonsense')
})

test('a list of records is as many events', () => {
  const item = { kind: 'Event', verb: 'get', auditID: 'a', user: { username: 'ada' } }
  const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [item, { ...item, auditID: 'b' }] }
  const batch = records(compileNormaliser(spec({ preset: 'kubernetes' })), { text: JSON.stringify(list) })
  expect(eventsOf(batch)).toHaveLength(2)
})

test('what stood around it goes along, and its id is the producer’s', () => {
  const normaliser = compileNormaliser({ ...spec({ preset: 'json' }), raw: 'full' })
  const record = {
    text: '{"user":"ada"}',
    id: { uid: 'e-1', producer: '/shop' },
    within: { whole: '{"id":"e-1","data":{"user":"ada"}}', beside: { id: 'e-1' } },
  }
  const [first, again] = [records(normaliser, record), records(normaliser, record)]
  expect(eventsOf(first)).toMatchObject([{ actor: { id: 'ada' }, metadata: { envelope: { id: 'e-1' } } }])
  expect(eventsOf(again)[0]!.id).toBe(eventsOf(first)[0]!.id)
  expect(Buffer.from(first.raw).toString()).toBe(record.within.whole)
})

test('the time of the message around it counts where it says none itself', () => {
  const time = '2026-03-01T10:00:00.123456789Z'
  const batch = records(
    compileNormaliser(spec({ preset: 'json' })),
    { text: '{"user":"ada","event":"order.read"}', time },
    { text: '{"user":"ada","event":"order.read","ts":"2026-02-01T00:00:00Z"}', time },
    { text: 'nonsense', time },
  )
  expect(eventsOf(batch)).toMatchObject([
    { time, time_source: 'event', quality: { parse: 'ok' } },
    { time: '2026-02-01T00:00:00.000000000Z', time_source: 'event' },
    { time, time_source: 'event', quality: { parse: 'failed' } },
  ])
})

test('a time ahead of when it was read is told of, wherever it stood', () => {
  const batch = records(compileNormaliser(spec({ preset: 'json' })), {
    text: '{"user":"ada"}',
    time: '2999-01-01T00:00:00.000000000Z',
  })
  const [event] = eventsOf(batch)
  expect(event!.quality).toEqual({
    parse: 'ok',
    warnings: [expect.stringContaining('ahead of when it was read')],
  })
})

test('auto finds the preset of each', () => {
  const batch = records(
    compileNormaliser(spec({ preset: 'auto' })),
    { text: '{"user":"ada","event":"order.read"}' },
    { text: '10.0.0.1 - ada [01/Mar/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl"' },
    { value: { body: 'hello', attributes: {}, resource: {} } },
  )
  expect(eventsOf(batch)).toMatchObject(
    ['json', 'nginx', 'otlp'].map((preset, i) => ({ provenance: { preset, index: 7 + i } })),
  )
})

test('with on_missing: reject nothing of one that lacks something, or cannot be read, is in the batch', () => {
  const normaliser = compileNormaliser({
    ...spec({ preset: 'json' }),
    onMissing: 'reject',
    require: { default: ['actor.id'] },
  })
  const batch = records(normaliser, { text: '{"user":"ada"}' }, { text: '{"a":1}' }, { text: 'nonsense' })
  expect(eventsOf(batch)).toHaveLength(1)
  expect(batch.rejected).toEqual([
    { index: 1, missing: ['actor.id'] },
    { index: 2, missing: ['actor.id'] },
  ])
})

test('the head of one over the size limit, with size and hash of the whole', () => {
  const whole = { size: 70_000, sha256: 'ab'.repeat(32) }
  const batch = records(compileNormaliser(spec({ preset: 'json' })), { text: '{"user":"ad', oversize: whole })
  const [event] = eventsOf(batch)
  expect(event).toMatchObject({
    quality: { parse: 'failed', warnings: ['the record is over the size limit: 70000 bytes'] },
    raw: { ...whole, truncated: true },
    provenance: { index: 7, peer: { ip: '::1' } },
  })
  expect(invalid(event!)).toBeUndefined()
  expect(Buffer.from(batch.raw).toString()).toBe('{"user":"ad')
})

test('what was odd about one over the size limit is said, too', () => {
  const oversize = { size: 70_000, sha256: 'ab'.repeat(32) }
  const batch = records(compileNormaliser(spec({ preset: 'json' })), {
    text: '{',
    oversize,
    warnings: ['cut'],
  })
  expect(eventsOf(batch)[0]).toMatchObject({
    quality: { warnings: ['the record is over the size limit: 70000 bytes', 'cut'] },
  })
})

test('one that is no UTF-8 is kept, and hashed, in the bytes that came', () => {
  const bytes = Buffer.from([0x3c, 0xe9, 0xff])
  const text = bytes.toString('latin1')
  const batch = records(compileNormaliser(spec({ preset: 'syslog' })), { text, encoding: 'latin1' })
  const [event] = eventsOf(batch)
  expect(event).toMatchObject({ raw: { encoding: 'base64', sha256: hash('sha256', bytes), size: 3 } })
  expect(Buffer.from(batch.raw)).toEqual(bytes)
})

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AffiantError } from '../../../src/errors.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, invalid, observed, spec, stream } from '../../normalise/normalising.ts'
import { send } from '../otlp/listening.ts'
import { eventList } from './event-list.ts'
import { listening } from './listening.ts'

const post = (port: number, body: string, path = '/') =>
  send(port, { method: 'POST', path, headers: { 'content-type': 'application/json' } }, body)
const json = (body: Buffer) => JSON.parse(body.toString())

test('each event is a record, as it was written', async () => {
  const { port, intake, receiver } = await listening({ path: '/audit' })
  const items = ['{"auditID":"a-1","n":12345678901234567890}', ' {"auditID":"a-2"} ']
  const answer = await post(port, eventList(items), '/audit?timeout=30s')
  expect(answer.status).toBe(200)
  expect(json(answer.body)).toEqual({ kind: 'Status', apiVersion: 'v1', status: 'Success' })
  expect(intake.receivedTexts).toMatchObject(items.map((text) => ({ text })))
  expect(intake.opened[0]?.metadata).toMatchObject({ protocol: 'kubernetes_audit' })
  expect(receiver.describe().what).toBe(`127.0.0.1:${port} Kubernetes' audit webhook`)
})

test.each(['[]', 'null'])('a list with items %s is taken, and opens no stream', async (items) => {
  const { port, intake } = await listening()
  const body = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":${items}}`
  expect(await post(port, body)).toMatchObject({ status: 200 })
  expect(intake.opened).toEqual([])
})

test.each([
  ['one event', '{"kind":"Event","apiVersion":"audit.k8s.io/v1"}', 'is no EventList of audit.k8s.io'],
  ['a list of pods', '{"kind":"EventList","apiVersion":"v1","items":[]}', 'is no EventList of audit.k8s.io'],
  ['a JSON list', '[]', 'is no EventList'],
  ['no JSON', 'hello', 'the body is no EventList: it does not begin with {'],
  [
    'one with something wrong beside its items',
    '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{]},"items":[{}]}',
    'the body is no EventList: ',
  ],
  [
    'one with more beside its items than any has',
    `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":[${'{},'.repeat(30_000)}{}],"items":[{}]}`,
    'what stands beside `items` is over 64 KiB',
  ],
  [
    'two lists of items, of which JSON.parse would lose one',
    '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{}],"items":[]}',
    '`items` is given twice',
  ],
  [
    'items that are none',
    '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":{}}',
    '`items` is no JSON list',
  ],
  [
    'bad items',
    eventList(['{}', '7', 'null']),
    '2 of 3 records cannot be read, and none was taken in: record 1: an object',
  ],
])('%s is refused with a Status that says why', async (_name, body, text) => {
  const { port, intake } = await listening()
  const answer = await post(port, body)
  expect(answer.status).toBe(400)
  expect(json(answer.body)).toMatchObject({
    kind: 'Status',
    status: 'Failure',
    reason: 'BadRequest',
    code: 400,
  })
  expect(json(answer.body).message).toContain(text)
  expect(intake.recordChunks).toEqual([])
})

test('a passing fault says how long to wait, in the header and in the Status', async () => {
  const { port, intake } = await listening()
  intake.refusal = new AffiantError('journal_full', 'full')
  const answer = await post(port, eventList(['{}']))
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
  expect(json(answer.body)).toMatchObject({
    reason: 'ServiceUnavailable',
    details: { retryAfterSeconds: 5 },
    code: 503,
  })
})

const event = (auditID: string, stage?: string, more: object = {}) =>
  JSON.stringify({ auditID, ...(stage && { stage }), ...more })

test('what an API server sends again is committed once, by its id and stage', async () => {
  const { port, intake } = await listening()
  const [received, complete] = [event('a-1', 'RequestReceived'), event('a-1', 'ResponseComplete')]
  for (const list of [[received], [received, complete], [complete, complete, event('a-2')], [event('a-2')]])
    expect(await post(port, eventList(list))).toMatchObject({ status: 200 })
  expect(intake.receivedTexts.map(({ text }) => text)).toEqual([received, complete, event('a-2')])
  expect(intake.repeats).toEqual([1, 2, 1].map((duplicates) => ({ duplicates, conflicts: 0 })))
})

test('an id that a client took from another request hides nothing', async () => {
  const { port, intake } = await listening()
  const [one, other] = [{}, { verb: 'delete' }].map((more) => event('a-1', 'ResponseComplete', more))
  for (const item of [one!, other!, other!])
    expect(await post(port, eventList([item]))).toMatchObject({ status: 200 })
  expect(intake.receivedTexts).toMatchObject([
    { text: one },
    { text: other, warnings: [expect.stringContaining('its id was given before')] },
  ])
  expect(intake.repeats).toEqual([
    { duplicates: 0, conflicts: 1 },
    { duplicates: 1, conflicts: 0 },
  ])
})

test('nobody knows an event without an id, nor another one with duplicates switched off', async () => {
  const lists = [event(''), '{}', '{"auditID":7}']
  const { port, intake } = await listening()
  for (let i = 0; i < 2; i++) await post(port, eventList(lists))
  expect(intake.receivedTexts).toHaveLength(6)
  const forgetful = await listening({ duplicates: { max_ids: 0 } })
  for (let i = 0; i < 2; i++) await post(forgetful.port, eventList([event('a-1')]))
  expect(forgetful.intake.receivedTexts).toHaveLength(2)
})

test('an event over max_record is known again', async () => {
  const { port, intake } = await listening({ max_record: '64B' })
  const long = event('a-1', 'ResponseComplete', { requestObject: 'x'.repeat(100) })
  for (let i = 0; i < 2; i++) expect(await post(port, eventList([long]))).toMatchObject({ status: 200 })
  expect(intake.receivedTexts).toMatchObject([{ oversize: { size: long.length } }])
  expect(intake.repeats).toEqual([{ duplicates: 1, conflicts: 0 }])
})

const samples = join(import.meta.dirname, '../../../../shared/samples/kubernetes/events.jsonl')

test.runIf(process.env.CI !== undefined)('the samples are there in CI', () => {
  expect(existsSync(samples)).toBe(true)
})

test.skipIf(!existsSync(samples))(
  'what real API servers wrote, posted as an EventList, is the same events as from a file',
  async () => {
    // They are of several sources, which share ids.
    const { port, intake } = await listening({ duplicates: { max_ids: 0 } })
    const lines = readFileSync(samples, 'utf8').trimEnd().split('\n')
    expect(await post(port, eventList(lines))).toMatchObject({ status: 200 })
    const normaliser = compileNormaliser(spec({ preset: 'kubernetes' }))
    const [chunk] = intake.recordChunks
    const delivered = eventsOf(normaliser.records({ ...chunk!, observed }))
    const bytes = new Uint8Array(Buffer.from(`${lines.join('\n')}\n`))
    const read = eventsOf(normaliser.lines({ stream, bytes, offset: 0, observed }))
    const plain = (events: typeof read) =>
      events.map(({ id: _id, provenance: _provenance, observed_time: _observed, ...rest }) => rest)
    expect(plain(delivered)).toEqual(plain(read))
    expect(delivered.every((event) => event.provenance !== undefined && invalid(event) === undefined)).toBe(
      true,
    )
  },
)

test('a large event is known again by its id, however many members it has', async () => {
  const { port, intake } = await listening()
  const members = Array.from({ length: 100_000 }, (_, i) => `"m${i}":1`).join(',')
  const text = `{"auditID":"a-1","stage":"ResponseComplete",${members}}`
  for (const _ of [1, 2]) expect(await post(port, eventList([text]))).toMatchObject({ status: 200 })
  expect(intake.receivedTexts).toEqual([{ text, knownBy: 'kubernetes\na-1/ResponseComplete' }])
})

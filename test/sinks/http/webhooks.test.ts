/** Single events, CloudEvents, signatures, templates: what webhooks are made of. */
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'
import { partOf } from '../../../src/delivery/batch.ts'
import { httpSinkConfig } from '../../../src/sinks/http/config.ts'
import type { Sink } from '../../../src/sinks/sink.ts'
import { event as small } from '../../delivery/memory-journal.ts'
import { batchOf, batchOfMany, linesOf } from '../batches.ts'
import { connected, httpSink, openHttpDestination } from './destination.ts'

const never = new AbortController().signal
const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`

test('single: one request an event, each with a key of its own', async () => {
  const { destination, sink } = await connected({ format: 'single' })
  const batch = batchOfMany(5, { firstSeq: 10 })
  for (let from = 0; from < 5; from++) {
    expect(await sink.deliver(partOf(batch, from, 5), never)).toEqual({ kind: 'accepted', taken: 1 })
  }
  expect(destination.requests.map(({ body }) => body.toString())).toEqual(linesOf(batch))
  expect(destination.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(
    [10, 11, 12, 13, 14].map((seq) => `${batch.origin}/${seq}-${seq}`),
  )
})

test.each([
  [400, { kind: 'refused', which: 'single' }],
  [413, { kind: 'refused', which: 'single' }],
  [503, { kind: 'later' }],
  [403, { kind: 'held' }],
])('single: HTTP %i is about the first event and no other', async (status, outcome) => {
  const { destination, sink } = await connected({ format: 'single' })
  destination.answer = (request, response) => destination.accept(request, response, status)
  expect(await sink.deliver(batchOfMany(5), never)).toMatchObject(outcome)
})

test('cloudevents: each event is the data of one, byte for byte', async () => {
  const { destination, sink } = await connected({ format: 'cloudevents' })
  const batch = batchOf([
    small(0, ',"id":"e-0","targets":[{"id":"inv_7"}],"time":"2026-11-24T01:02:03.000000000Z"'),
    small(1, ',"id":"e-1"'),
  ])
  expect((await sink.deliver(batch, never)).kind).toBe('accepted')
  const [request] = destination.requests
  expect(request!.headers['content-type']).toBe('application/cloudevents-batch+json')
  const text = request!.body.toString()
  for (const line of linesOf(batch)) expect(text).toContain(`"data":${line}}`)
  expect(JSON.parse(text)).toMatchObject([
    {
      specversion: '1.0',
      id: 'e-0',
      source: 'urn:affiant:test:1',
      type: 'affiant.audit-event.v1',
      subject: 'inv_7',
      time: '2026-11-24T01:02:03.000000000Z',
      datacontenttype: 'application/json',
      auditaction: 'test.event',
    },
    { id: 'e-1' },
  ])
})

test('signatures are those of Standard Webhooks, and a batch keeps its id over its attempts', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32)
  const other = `whsec_${Buffer.from('another secret of thirty bytes!!').toString('base64')}`
  const { destination, sink } = await connected({
    format: 'json_array',
    sign: { secret: [secret, other], private_key: `whsk_${seed.toString('base64')}` },
  })
  const batch = batchOfMany(3)
  for (let attempt = 0; attempt < 2; attempt++) await sink.deliver(batch, never)
  const [first, again] = destination.requests
  for (const { headers, body } of destination.requests) {
    const sent = {
      'webhook-id': String(headers['webhook-id']),
      'webhook-timestamp': String(headers['webhook-timestamp']),
      'webhook-signature': String(headers['webhook-signature']),
    }
    for (const each of [secret, other]) new Webhook(each).verify(body, sent)
    expect(() => new Webhook(`whsec_${'A'.repeat(32)}`).verify(body, sent)).toThrow()
    const asymmetric = sent['webhook-signature'].split(' ').find((part) => part.startsWith('v1a,'))!
    const signed = Buffer.concat([Buffer.from(`${sent['webhook-id']}.${sent['webhook-timestamp']}.`), body])
    expect(
      verify(
        null,
        signed,
        createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })),
        Buffer.from(asymmetric.slice(4), 'base64'),
      ),
    ).toBe(true)
  }
  expect(again!.headers['webhook-id']).toBe(first!.headers['webhook-id'])
  expect(first!.headers['webhook-id']).not.toContain('.')
})

const view = (event: object) => ({ payload: Buffer.alloc(0), start: 0, end: 0, event: { ...event } })

/** Sends a batch of the partition that this event has. */
async function deliverAs(sink: Sink, event: object, overrides?: Record<string, string>) {
  const partition = sink.partition!(view(event), overrides)
  if (typeof partition !== 'string') return partition
  return sink.deliver({ ...batchOfMany(1), partition }, never)
}

test('URL and headers are templates; what comes from events cannot leave its place', async () => {
  const destination = await openHttpDestination()
  const sink = httpSink({
    url: `${new URL(destination.url).origin}/in/{actor.id}?kind={category}`,
    headers: { 'X-Actor': '{actor.id}', 'X-Fixed': 'yes', 'X-Session': '{session.id}' },
  })
  onTestFinished(async () => {
    await sink.stop()
    await destination.close()
  })
  await sink.start()
  expect(await deliverAs(sink, { actor: { id: 'x/a b?c#d' }, category: 'data' })).toMatchObject({
    kind: 'accepted',
  })
  const [request] = destination.requests
  expect(request!.url).toBe('/in/x%2Fa%20b%3Fc%23d?kind=data')
  expect(request!.headers).toMatchObject({ 'x-actor': 'x/a b?c#d', 'x-fixed': 'yes' })
  expect(request!.headers).not.toHaveProperty('x-session')
  expect(await deliverAs(sink, { actor: { id: 'a\r\nX-Evil: 1' } })).toMatchObject({
    reason: expect.stringContaining('Latin-1'),
  })
  for (const id of ['..', '.', '../b', 'a/../b', '..\\b', 'a/..']) {
    expect(await deliverAs(sink, { actor: { id } }), id).toMatchObject({
      reason: expect.stringContaining('another path'),
    })
  }
  for (const id of ['..a', 'a..', '...', '%2e%2e']) {
    expect(await deliverAs(sink, { actor: { id } }), id).toMatchObject({ kind: 'accepted' })
  }
})

test('routes set headers that the sink allows, to values that it allows', async () => {
  const { destination, sink } = await connected({ overrides: { headers: { 'X-Team': ['team_*'] } } })
  expect(await deliverAs(sink, {}, { 'headers.x-team': 'team_a' })).toMatchObject({ kind: 'accepted' })
  expect(destination.requests[0]!.headers['x-team']).toBe('team_a')
  expect(await deliverAs(sink, {}, { 'headers.x-team': 'root' })).toMatchObject({
    reason: 'header x-team: "root" is not in overrides.headers of sink hook',
  })
  expect(await deliverAs(sink, {}, { 'headers.cookie': 'x' })).toMatchObject({ reason: /lets no route set/ })
})

test('single statuses can mean something else at a destination', async () => {
  const { destination, sink } = await connected({ status: { 404: 'later', 409: 'accepted', 500: 'refused' } })
  const outcomes = []
  for (const status of [404, 409, 500, 503]) {
    destination.answer = (request, response) => destination.accept(request, response, status)
    outcomes.push((await sink.deliver(batchOfMany(1), never)).kind)
  }
  expect(outcomes).toEqual(['later', 'accepted', 'refused', 'later'])
})

test('a token in a file is read again after a 401, and the request repeated at once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-http-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'token')
  await writeFile(file, 'old-token\n')
  const { destination, sink } = await connected({ auth: { bearer: { file } } })
  destination.answer = (request, response) =>
    destination.accept(request, response, request.headers.authorization === 'Bearer new-token' ? 200 : 401)
  expect(await sink.deliver(batchOfMany(1), never)).toMatchObject({ kind: 'held' })
  await writeFile(file, 'new-token\n')
  expect(await sink.deliver(batchOfMany(1), never)).toMatchObject({ kind: 'accepted' })
})

test('a secret can come from a program; what it prints is in no reason', async () => {
  const { destination, sink } = await connected({
    headers: {
      'X-Key': { command: [process.execPath, '-e', 'console.log("printed-secret")'], refresh: '1h' },
    },
  })
  destination.answer = async (request, response) => {
    response.writeHead(403).end(`not ${String(request.headers['x-key'])}`)
  }
  expect(await sink.deliver(batchOfMany(1), never)).toEqual({ kind: 'held', reason: 'HTTP 403: not ***' })
})

test('several URLs share the load; one that is dead is passed over', async () => {
  const one = await openHttpDestination()
  const two = await openHttpDestination()
  const sink = httpSink({ url: [one.url, { url: two.url, weight: 3 }] })
  onTestFinished(async () => {
    await sink.stop()
    await two.close()
  })
  await sink.start()
  for (let n = 0; n < 8; n++) await sink.deliver(batchOfMany(1, { firstSeq: n }), never)
  expect([one.requests.length, two.requests.length]).toEqual([2, 6])
  await one.close()
  const kinds = []
  for (let n = 0; n < 40; n++) kinds.push((await sink.deliver(batchOfMany(1), never)).kind)
  expect(kinds.filter((kind) => kind === 'later')).toHaveLength(5)
  expect(sink.endpoints!()).toMatchObject([{ circuit: 'open' }, { circuit: 'closed' }])
})

test('wrong options are refused', () => {
  const wrong = (config: object) =>
    httpSinkConfig.safeParse({ type: 'http', url: 'https://a.example', ...config }).success
  expect(wrong({ sign: { secret: 'whsec_dG9vIHNob3J0' } })).toBe(false)
  expect(wrong({ sign: { secret }, compression: 'gzip' })).toBe(false)
  expect(wrong({ sign: {} })).toBe(false)
  expect(wrong({ headers: { 'X-A': '{nobody.knows}' } })).toBe(false)
  expect(wrong({ status: { 99: 'later' } })).toBe(false)
  expect(wrong({ sign: { secret }, headers: { 'X-A': 'a', 'X-B': '' } })).toBe(true)
})

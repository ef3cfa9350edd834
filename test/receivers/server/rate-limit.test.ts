import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { RateLimit } from '../../../src/receivers/server/rate-limit.ts'
import { listening } from '../http/listening.ts'
import { call, calling, method } from '../otlp/calling.ts'
import { encodeRequest } from '../otlp/oracle.ts'

const sha256 = (token: string) => createHash('sha256').update(token).digest('hex')
const bearer = [
  { id: 'app', hash: sha256('a'), rate: '1KiB' },
  { id: 'other', hash: sha256('b') },
]

test('who is in debt waits until it is paid off; what was not used is kept for a second', () => {
  const limit = new RateLimit('app', 1000, 0)
  limit.check(0)
  limit.spend(3500)
  expect(() => limit.check(1_000)).toThrow(expect.objectContaining({ code: 'rate_limited', seconds: 2 }))
  expect(() => limit.check(2_000)).toThrow(expect.objectContaining({ seconds: 1 }))
  limit.check(2_500)
  limit.check(100_000)
  limit.spend(1001)
  expect(() => limit.check(100_000)).toThrow(expect.objectContaining({ seconds: 1 }))
})

test('over HTTP: 429 with the time to wait, for this credential alone', async () => {
  const { post, intake } = await listening({ auth: { bearer } })
  const as = (token: string, size: number) =>
    post('text/plain', 'x'.repeat(size), { authorization: `Bearer ${token}` })
  expect((await as('a', 1024 * 60)).status).toBe(200)
  const refused = await as('a', 1)
  expect(refused.status).toBe(429)
  // Of the debt of 59 s some may be paid off by now.
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(40)
  expect(JSON.parse(refused.body.toString())).toMatchObject({ code: 'rate_limited', status: 429 })
  expect((await as('b', 1024 * 60)).status).toBe(200)
  expect(intake.receivedTexts).toHaveLength(2)
})

test('over gRPC: RESOURCE_EXHAUSTED with RetryInfo', async () => {
  const { grpcPort } = await calling({ auth: { bearer } })
  const message = encodeRequest({
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x'.repeat(60_000) } }] }] }],
  })
  const sent = () => call(`127.0.0.1:${grpcPort}`, message, { authorization: 'Bearer a' }, method, {})
  expect((await sent()).code).toBe(0)
  const refused = await sent()
  expect(refused.code).toBe(8)
  expect(refused.trailers.get('grpc-status-details-bin').toString()).toContain('google.rpc.RetryInfo')
})

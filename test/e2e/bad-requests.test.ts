// Requests that are no OTLP, or too much of it: an answer in the request's encoding that says what and where, and the
// agent goes on taking what is good.
import { gzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { configure, startAgent, WorkDirectory } from './agent-process.ts'
import { eventsIn } from './events.ts'
import { until } from './until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

const good = (id: string) =>
  JSON.stringify({
    resourceLogs: [
      {
        scopeLogs: [
          { logRecords: [{ attributes: [{ key: 'audit.record.id', value: { stringValue: id } }] }] },
        ],
      },
    ],
  })

const protobuf = { 'content-type': 'application/x-protobuf' }

test('invalid bodies and a gzip bomb, on one agent', async () => {
  using directory = new WorkDirectory()
  const config = configure(directory, {
    receivers: { orders: { type: 'otlp', http: { listen: '127.0.0.1:0' } } },
  })
  await using agent = startAgent(config)
  await agent.ready()

  const broken = await agent.postOtlp('{"resourceLogs":[{"scopeLogs":7}]}')
  expect(broken.status).toBe(400)
  expect(broken.headers.get('content-type')).toContain('application/json')
  expect(JSON.parse(broken.text)).toMatchObject({
    code: 3,
    message: expect.stringContaining('resourceLogs[0].scopeLogs'),
  })
  const noJson = await agent.postOtlp('{"resourceLogs":[')
  expect(noJson.status).toBe(400)
  expect(JSON.parse(noJson.text)).toMatchObject({ code: 3, message: expect.stringMatching(/JSON/) })

  // A length that runs past the end of the body.
  const cut = await agent.postOtlp(new Uint8Array([0x0a, 0x7f, 0x01]), protobuf)
  expect(cut.status).toBe(400)
  expect(cut.headers.get('content-type')).toContain('application/x-protobuf')
  // google.rpc.Status: code 3 (INVALID_ARGUMENT), then the message.
  expect(cut.text.startsWith('\u0008\u0003\u0012')).toBe(true)
  expect(cut.text).toMatch(/byte \d/)

  const notGzip = await agent.postOtlp('this is not gzip', { 'content-encoding': 'gzip' })
  expect(notGzip.status).toBe(400)

  const before = agent.peakMemory
  const bomb = gzipSync(Buffer.alloc(512 * 1024 * 1024), { level: 1 })
  const exploded = await agent.postOtlp(new Uint8Array(bomb), { 'content-encoding': 'gzip' })
  expect(exploded.status).toBe(413)
  expect(JSON.parse(exploded.text).message).toMatch(/67,?108,?864|64 ?MiB/)
  // No more than max_body is ever inflated.
  expect(agent.peakMemory - before).toBeLessThan(200)

  const id = '8f3c0000-0000-4000-8000-000000000001'
  expect(await agent.postOtlp(good(id))).toMatchObject({ status: 200, text: '{}' })
  const out = directory.at('out.ndjson')
  await until('the good one', () => eventsIn(out).length === 1)
  expect(eventsIn(out)[0]).toMatchObject({ id })
  expect(await agent.metric('affiant_receiver_requests_total', '{receiver="orders",status="400"}')).toBe(4)
  expect(await agent.metric('affiant_receiver_requests_total', '{receiver="orders",status="413"}')).toBe(1)
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
})

import { Metadata } from '@grpc/grpc-js'
import { expect, onTestFinished, test, vi } from 'vitest'
import { event } from '../../delivery/memory-journal.ts'
import { FaultProxy } from '../../faults/fault-proxy.ts'
import { batchOf, batchOfMany, linesOf } from '../batches.ts'
import { openProxy } from '../transport/tunnel.ts'
import { bodiesOf, openGrpcCollector, openHttpCollector } from './collector.ts'
import { otlpSink } from './sink.ts'

const never = new AbortController().signal

async function overHttp(config: Record<string, unknown> = {}) {
  const collector = await openHttpCollector()
  const sink = otlpSink({ url: collector.url, ...config })
  onTestFinished(async () => {
    await sink.stop()
    await collector.close()
  })
  await sink.start()
  return { collector, deliver: (batch = batchOfMany(10)) => sink.deliver(batch, never) }
}

async function overGrpc(config: Record<string, unknown> = {}) {
  const collector = await openGrpcCollector()
  const sink = otlpSink({ url: collector.url, protocol: 'grpc', ...config })
  onTestFinished(async () => {
    await sink.stop()
    await collector.close()
  })
  await sink.start()
  return { collector, sink, deliver: (batch = batchOfMany(10)) => sink.deliver(batch, never) }
}

test.each(['http/protobuf', 'http/json'])('%s: headers, and every line', async (protocol) => {
  const { collector, deliver } = await overHttp({ protocol, headers: { 'X-Tenant': 'acme' } })
  expect((await deliver()).kind).toBe('accepted')
  expect(bodiesOf(collector)).toEqual(linesOf(batchOfMany(10)))
  expect(collector.headers[0]).toMatchObject({ 'x-tenant': 'acme', 'content-encoding': 'gzip' })
})

test('grpc: metadata, and every line of a large batch', async () => {
  const { collector, deliver } = await overGrpc({ headers: { 'x-tenant': 'acme' } })
  const batch = batchOfMany(5000, { extra: 1500 })
  expect((await deliver(batch)).kind).toBe('accepted')
  expect(bodiesOf(collector)).toEqual(linesOf(batch))
  expect(collector.headers[0]).toMatchObject({ 'x-tenant': 'acme' })
})

test('grpc: through a proxy, of the sink or of the environment', async () => {
  const { host, tunnels } = await openProxy()
  const proxy = `http://user:secret-word@${host}`
  const own = await overGrpc({ proxy })
  expect((await own.deliver()).kind).toBe('accepted')
  expect(tunnels).toEqual([new URL(own.collector.url).host])
  onTestFinished(() => void vi.unstubAllEnvs())
  for (const name of ['no_proxy', 'NO_PROXY', 'http_proxy']) vi.stubEnv(name, '')
  vi.stubEnv('HTTP_PROXY', proxy)
  const { collector, deliver } = await overGrpc()
  expect((await deliver()).kind).toBe('accepted')
  expect(bodiesOf(collector)).toEqual(linesOf(batchOfMany(10)))
  expect(tunnels).toHaveLength(2)
  vi.stubEnv('NO_PROXY', '127.0.0.0/8')
  expect((await (await overGrpc()).deliver()).kind).toBe('accepted')
  expect(tunnels).toHaveLength(2)
})

test('http/json: half a surrogate pair is no text', async () => {
  const { collector, deliver } = await overHttp({ protocol: 'http/json', compression: 'none' })
  let sent = ''
  collector.before = async (request) => {
    for await (const chunk of request) sent += String(chunk)
    return false
  }
  await deliver(batchOf([event(0, ',"actor":{"id":"a\\ud800b"}')]))
  expect(sent).toContain('{"key":"audit.actor.id","value":{"stringValue":"a\ufffdb"}}')
})

// partial_success { rejected_log_records: 3, error_message: "old" }
const partial = Buffer.from([0x0a, 0x07, 0x08, 0x03, 0x12, 0x03, 0x6f, 0x6c, 0x64])

test('a partial success is not sent again: some are gone, and nobody says which', async () => {
  const { collector, deliver } = await overHttp()
  collector.success = partial
  expect(await deliver()).toEqual({ kind: 'refused', which: 'some', reason: '3 of 10 records rejected: old' })
  expect(await deliver(batchOfMany(3))).toEqual({ kind: 'refused', reason: '3 of 3 records rejected: old' })
  const json = await overHttp({ protocol: 'http/json' })
  json.collector.success = '{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"old"}}'
  expect(await json.deliver()).toMatchObject({ kind: 'refused', which: 'some' })
  const grpc = await overGrpc()
  grpc.collector.reply = partial
  expect(await grpc.deliver()).toMatchObject({ kind: 'refused', which: 'some' })
})

test('a page to log in is no success', async () => {
  const { collector, deliver } = await overHttp()
  collector.success = '<html>please log in</html>'
  expect(await deliver()).toMatchObject({ kind: 'held', reason: expect.stringContaining('please log in') })
  collector.success = ''
  expect((await deliver()).kind).toBe('accepted')
})

test('Retry-After and RetryInfo are waited for', async () => {
  const { collector, deliver } = await overHttp()
  collector.before = (request, response) => {
    request.resume().on('end', () => response.writeHead(429, { 'retry-after': '7' }).end())
    return true
  }
  expect(await deliver()).toMatchObject({ kind: 'later', retryAfter: 7000, overloaded: true })

  const grpc = await overGrpc()
  const metadata = new Metadata()
  const name = 'type.googleapis.com/google.rpc.RetryInfo'
  // Status { details: [Any { type_url, value: RetryInfo { retry_delay: Duration { seconds: 2 } } }] }
  const info = Buffer.from([0x0a, 0x02, 0x08, 0x02])
  const any = Buffer.concat([
    Buffer.from([0x0a, name.length]),
    Buffer.from(name),
    Buffer.from([0x12, info.length]),
    info,
  ])
  metadata.set('grpc-status-details-bin', Buffer.concat([Buffer.from([0x1a, any.length]), any]))
  grpc.collector.status = { code: 8, details: 'quota', metadata }
  expect(await grpc.deliver()).toMatchObject({ kind: 'later', retryAfter: 2000 })
  grpc.collector.status = { code: 8, details: 'too large' }
  expect(await grpc.deliver()).toMatchObject({ kind: 'refused', reason: 'RESOURCE_EXHAUSTED: too large' })
})

test('nobody listens, or nobody answers: later', async () => {
  const collector = await openGrpcCollector()
  await collector.close()
  const sink = otlpSink({ url: collector.url, protocol: 'grpc', timeout: '300ms' })
  await sink.start()
  expect((await sink.deliver(batchOfMany(1), never)).kind).toBe('later')
  await sink.stop()
  const { collector: silent, deliver } = await overGrpc({ timeout: '100ms' })
  silent.status = 'stuck'
  expect(await deliver()).toMatchObject({
    kind: 'later',
    reason: expect.stringContaining('DEADLINE_EXCEEDED'),
  })
})

test.each(['before its first word', 'in the middle'])(
  'grpc: a connection that went dead %s is given up',
  async (when) => {
    const collector = await openGrpcCollector()
    await using proxy = await FaultProxy.open(() => Number(new URL(collector.url).port))
    const sink = otlpSink({ url: `http://127.0.0.1:${proxy.port}`, protocol: 'grpc', timeout: '300ms' })
    onTestFinished(async () => {
      await sink.stop()
      await collector.close()
    })
    await sink.start()
    if (when === 'in the middle') {
      expect(await sink.deliver(batchOfMany(1), never)).toMatchObject({ kind: 'accepted' })
    }
    await proxy.become({ kind: 'black_hole' })
    expect(await sink.deliver(batchOfMany(2), never)).toMatchObject({ kind: 'later' })
    await proxy.become({ kind: 'none' }, { newOnly: true })
    await expect
      .poll(() => sink.deliver(batchOfMany(3), never), { timeout: 5_000 })
      .toMatchObject({ kind: 'accepted' })
  },
)

test('no header value is ever in a reason', async () => {
  const { collector, deliver } = await overHttp({ headers: { 'api-key': 'very-secret' } })
  collector.before = (request, response) => {
    request.resume().on('end', () => response.writeHead(403).end(`not ${String(request.headers['api-key'])}`))
    return true
  }
  expect(await deliver()).toEqual({ kind: 'held', reason: 'HTTP 403: not ***' })
})

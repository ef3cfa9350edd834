import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { credentials } from '@grpc/grpc-js'
import { describe, expect, test } from 'vitest'
import { AffiantError } from '../../../src/errors.ts'
import { call, calling, method } from './calling.ts'
import { numbered } from './listening.ts'
import { decodeResponse, decodeStatus, encodeRequest } from './oracle.ts'
import { answered, framed, headers, session } from './raw-grpc.ts'

const request = encodeRequest(numbered(2))
/** The library's number for gzip. */
const gzipped = { 'grpc.default_compression_algorithm': 2 }

describe('success', () => {
  test('is an empty response, after the commit', async () => {
    const { call, intake, metrics } = await calling()
    const { code, reply } = await call(request)
    expect(code).toBe(0)
    expect(decodeResponse(reply)).toEqual({})
    expect(intake.received.map(({ value }) => value.attributes)).toEqual([{ n: 0 }, { n: 1 }])
    expect(await metrics.requests.get()).toMatchObject({ values: [{ labels: { status: '0' }, value: 1 }] })
    expect(await metrics.bytesRead.get()).toMatchObject({ values: [{ value: request.length }] })
  })

  test('gzip', async () => {
    const { call, intake } = await calling()
    expect(await call(request, {}, method, gzipped)).toMatchObject({ code: 0 })
    expect(intake.received).toHaveLength(2)
  })

  test('a message larger than the library itself would take', async () => {
    const { call, intake } = await calling()
    const large = encodeRequest({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x'.repeat(6 * 1024 ** 2) } }] }] }],
    })
    expect(await call(large)).toMatchObject({ code: 0 })
    expect(intake.received).toHaveLength(1)
  })

  test('an empty request opens no stream', async () => {
    const { call, intake } = await calling()
    expect(await call(Buffer.alloc(0))).toMatchObject({ code: 0 })
    expect(intake.opened).toEqual([])
  })

  test('its stream says the protocol, beside that of HTTP', async () => {
    const { call, post, intake, port, grpcPort, receiver } = await calling()
    await call(request)
    await post(JSON.stringify(numbered(1)))
    expect(intake.opened.map(({ metadata }) => metadata)).toEqual([
      { protocol: 'otlp/grpc', listen: `127.0.0.1:${grpcPort}`, tls: false, authentication: 'none' },
      { protocol: 'otlp/http', listen: `127.0.0.1:${port}`, tls: false, authentication: 'none' },
    ])
    expect(receiver.describe().what).toBe(`127.0.0.1:${port} OTLP/HTTP, 127.0.0.1:${grpcPort} OTLP/gRPC`)
  })
})

describe('errors', () => {
  test('bad data is INVALID_ARGUMENT and says where', async () => {
    const { call, intake } = await calling()
    const { code, details, trailers } = await call(Buffer.from([0x0b]))
    expect(code).toBe(3)
    expect(details).toContain('at byte 0')
    expect(trailers.get('grpc-status-details-bin')).toEqual([])
    expect(intake.received).toEqual([])
  })

  test('another method is UNIMPLEMENTED, and the right one is named', async () => {
    const { call } = await calling()
    const { code, details } = await call(
      request,
      {},
      '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    )
    expect(code).toBe(12)
    expect(details).toContain(method)
  })

  test('a message over the limit is RESOURCE_EXHAUSTED, without leave to try again', async () => {
    const { call } = await calling({ max_body: '1KiB', max_in_flight: '2KiB' })
    for (const [message, options] of [
      [Buffer.alloc(1025), {}],
      [Buffer.alloc(3 * 1024 ** 2), {}],
      [Buffer.alloc(1025), gzipped],
    ] as const) {
      const { code, details, trailers } = await call(message, {}, method, options)
      expect(code).toBe(8)
      expect(details).toContain('larger than 1024 bytes')
      expect(trailers.get('grpc-status-details-bin')).toEqual([])
    }
  })

  test('no credential is UNAUTHENTICATED; with one, its id goes with the records', async () => {
    const hash = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b' // of "secret"
    const { call, intake } = await calling({ auth: { bearer: [{ id: 'checkout', hash }] } })
    expect(await call(request)).toMatchObject({ code: 16 })
    expect(await call(request, { authorization: 'Bearer nothing' })).toMatchObject({ code: 16 })
    expect(intake.received).toEqual([])
    expect(await call(request, { authorization: 'Bearer secret' })).toMatchObject({ code: 0 })
    expect(intake.recordChunks[0]?.peer).toEqual({ ip: '127.0.0.1', auth_id: 'checkout' })
  })

  test.each([
    ['the journal filled up', new AffiantError('journal_full', 'full'), 5],
    ['the journal cannot commit', new AffiantError('journal_unavailable', 'EIO: 100 % of é'), 5],
    ['a defect', new TypeError('x is not a function'), 5],
    ['too much at a time', new AffiantError('overloaded', 'busy'), 1],
  ])('%s: UNAVAILABLE with RetryInfo', async (_name, refusal, seconds) => {
    const { call, intake } = await calling()
    intake.refusal = refusal
    const { code, details, trailers } = await call(request)
    expect(code).toBe(14)
    expect(details).toContain(refusal instanceof AffiantError ? refusal.message : 'a defect in the receiver')
    const [status] = trailers.get('grpc-status-details-bin')
    expect(decodeStatus(status as Buffer)).toMatchObject({ code: 14 })
    // RetryInfo { retry_delay { seconds } }, in its Any.
    expect((status as Buffer).includes(Buffer.from([0x0a, 0x02, 0x08, seconds]))).toBe(true)
    expect((status as Buffer).includes('type.googleapis.com/google.rpc.RetryInfo')).toBe(true)
    intake.refusal = undefined
    expect(await call(request)).toMatchObject({ code: 0 })
  })

  test('while the journal is full, before the message is read', async () => {
    const { call, intake } = await calling()
    intake.press('journal: 10 GiB of 10 GiB used')
    expect(await call(request)).toMatchObject({ code: 14, details: expect.stringContaining('10 GiB') })
    intake.relieve()
    expect(await call(request)).toMatchObject({ code: 0 })
  })
})

describe('the protocol', () => {
  test.each([
    ['two messages', Buffer.concat([framed(request), framed(request)]), {}, '3', 'more than one message'],
    ['half a message', framed(request).subarray(0, 20), {}, '3', 'cut short'],
    ['no message', Buffer.alloc(0), {}, '3', 'cut short'],
    [
      'an unknown compression',
      framed(request, 1),
      { 'grpc-encoding': 'snappy' },
      '12',
      'snappy is not supported',
    ],
    ['damaged gzip', framed(request, 1), { 'grpc-encoding': 'gzip' }, '3', 'not valid gzip'],
    ['compression that is not named', framed(gzipSync(request), 1), {}, '3', 'does not say how'],
    ['none, called compressed', framed(request, 1), { 'grpc-encoding': 'identity' }, '3', 'does not say how'],
    ['a flag of later versions', framed(request, 2), {}, '3', 'the flag 2'],
  ])('%s', async (_name, body, more, status, text) => {
    const { grpcPort, intake } = await calling()
    const stream = (await session(grpcPort)).request({ ...headers, ...more })
    stream.end(body)
    const head = await answered(stream)
    expect(head['grpc-status']).toBe(status)
    expect(decodeURIComponent(String(head['grpc-message']))).toContain(text)
    expect(head['grpc-accept-encoding']).toBe('identity,gzip,zstd')
    expect(intake.received).toEqual([])
  })

  test('a message in the smallest pieces', async () => {
    const { grpcPort, intake } = await calling()
    const stream = (await session(grpcPort)).request({ ...headers, 'grpc-encoding': 'gzip' })
    for (const byte of framed(gzipSync(request), 1)) stream.write(Buffer.from([byte]))
    stream.end()
    expect(await answered(stream)).toMatchObject({ ':status': 200 })
    await once(stream, 'close')
    expect(intake.received).toHaveLength(2)
  })

  test('who announces too much is refused at once', async () => {
    const { grpcPort } = await calling({ max_body: '1KiB', max_in_flight: '2KiB' })
    const stream = (await session(grpcPort)).request(headers)
    stream.write(Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]))
    expect(await answered(stream)).toMatchObject({ 'grpc-status': '8' })
  })

  test('who never finishes is let go', async () => {
    const { grpcPort, call } = await calling({ grpc: { listen: '127.0.0.1:0', timeout: '50ms' } })
    const stream = (await session(grpcPort)).request(headers)
    stream.write(framed(request).subarray(0, 9))
    expect(await answered(stream)).toMatchObject({ 'grpc-status': '4' })
    expect(await call(request)).toMatchObject({ code: 0 })
  })

  test('who speaks HTTP/2 but not gRPC is told so', async () => {
    const { grpcPort } = await calling()
    const stream = (await session(grpcPort)).request({ ':path': '/' })
    expect(await answered(stream)).toMatchObject({ ':status': 415 })
  })

  test('a call that is cancelled gives back what it held', async () => {
    const { grpcPort, call } = await calling({ max_body: '64KiB', max_in_flight: '128KiB' })
    const client = await session(grpcPort)
    for (let round = 0; round < 10; round++) {
      const stream = client.request(headers)
      stream.on('error', () => {})
      stream.write(Buffer.concat([Buffer.from([0, 0, 0, 0xff, 0xff]), Buffer.alloc(60_000)]))
      await new Promise<void>((resolve) => client.ping(() => resolve()))
      stream.close(8)
      await once(stream, 'close')
    }
    await expect.poll(async () => (await call(Buffer.alloc(0))).code).toBe(0)
    expect((await call(encodeRequest(numbered(1000)))).code).toBe(0)
  })
})

test('TLS: client certificates say who delivered; who has none is turned away', async () => {
  const file = (name: string) => join(import.meta.dirname, '../../fixtures/otlp', name)
  const tls = { cert: file('server.crt'), key: file('server.key'), client_ca: file('client.crt') }
  const { grpcPort, intake } = await calling({ grpc: { listen: '127.0.0.1:0', tls } })
  const [ca, cert, key] = await Promise.all(
    ['server.crt', 'client.crt', 'client.key'].map((name) => readFile(file(name))),
  )
  const withCertificate = credentials.createSsl(ca!, key!, cert!)
  const target = `localhost:${grpcPort}`
  expect(await call(target, request, {}, method, {}, withCertificate)).toMatchObject({ code: 0 })
  expect(intake.recordChunks[0]?.peer).toEqual({ ip: '127.0.0.1', auth_id: 'checkout' })
  expect(intake.opened[0]?.metadata).toMatchObject({ tls: true, authentication: 'certificate' })
  expect(await call(target, request, {}, method, {}, credentials.createSsl(ca!))).toMatchObject({ code: 14 })
  expect(intake.received).toHaveLength(2)
})

test('what is in flight when the receiver stops is committed and answered; nothing new is taken', async () => {
  const { call, intake, receiver } = await calling()
  intake.hold()
  const answer = call(request)
  await expect.poll(() => intake.pending).toBe(1)
  const stopped = receiver.stop()
  expect(await call(request)).toMatchObject({ code: 14 })
  intake.relieve()
  expect(await answer).toMatchObject({ code: 0 })
  await stopped
  expect(intake.received).toHaveLength(2)
})

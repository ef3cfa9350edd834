// Who was turned away is counted and told of, over HTTP and over gRPC; clients are real ones.
import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { otlpReceiverConfig } from '../../../src/receivers/otlp/config.ts'
import { createOtlpReceiver } from '../../../src/receivers/otlp/receiver.ts'
import type { ServerNotice } from '../../../src/receivers/server/notice.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { call, method } from '../otlp/calling.ts'
import { numbered, send } from '../otlp/listening.ts'
import { RequestIntake } from '../request-intake.ts'
import { until } from '../until.ts'
import { client, first, pem, second } from './certificates.ts'

type Protocol = 'http' | 'grpc'

async function serving(protocol: Protocol, settings: object, beside: object = {}) {
  const metrics = createMetrics()
  const notices: ServerNotice[] = []
  const receiver = createOtlpReceiver({
    name: 'app',
    config: otlpReceiverConfig.parse({
      type: 'otlp',
      [protocol]: { listen: '127.0.0.1:0', ...settings },
      ...beside,
    }),
    intake: new RequestIntake(),
    log: silentLog,
    metrics,
    clock: systemClock,
    notify: (notice) => void notices.push(notice),
  })
  onTestFinished(() => receiver.stop())
  await receiver.start()
  const counted = async () =>
    (await metrics.connectionsRefused.get()).values.map(({ value, labels }) => ({ value, ...labels }))
  return { port: receiver.addresses[protocol]!.port, metrics, notices, counted }
}

const mutual = { tls: { ...first, client_ca: client.cert } }

/** Resolves when the connection has ended, however. */
function ended(socket: Socket): Promise<unknown> {
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.resume()
  return new Promise((resolve) => socket.once('close', resolve))
}

const tlsClient = (port: number, options: ConnectionOptions) =>
  ended(
    connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
      ...options,
    }),
  )

const cases = (['http', 'grpc'] as const).flatMap((protocol) =>
  [
    ['no certificate', {}, 'certificate', 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'],
    [
      'a certificate of somebody else',
      { cert: pem(second.cert), key: pem(second.key) },
      'certificate',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    ],
    [
      'an old protocol',
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const,
      'tls',
      'ERR_SSL_UNSUPPORTED_PROTOCOL',
    ],
  ].map((rest) => [protocol, ...rest] as [Protocol, string, ConnectionOptions, string, string]),
)

test.each(cases)('%s: %s', async (protocol, _what, options, reason, detail) => {
  const { port, notices, counted } = await serving(protocol, mutual)
  await tlsClient(port, options)
  await until('a notice', () => notices.length > 0)
  expect(notices).toEqual([{ kind: 'refused', receiver: 'app', ip: '127.0.0.1', reason, detail }])
  expect(await counted()).toEqual([{ value: 1, receiver: 'app', reason }])
})

test('a client without TLS, and one that says nothing, which is let go', async () => {
  const { port, notices, counted } = await serving('http', { tls: first, timeout: '100ms' })
  await ended(
    connectPlain(port, '127.0.0.1', function (this: Socket) {
      this.write('GET / HTTP/1.1\r\n\r\n')
    }),
  )
  await ended(connectPlain(port, '127.0.0.1'))
  expect(notices).toMatchObject([
    { reason: 'tls', detail: 'ERR_SSL_HTTP_REQUEST', ip: '127.0.0.1' },
    { reason: 'timeout', ip: '127.0.0.1' },
  ])
  expect(await counted()).toMatchObject([{ reason: 'tls' }, { reason: 'timeout' }])
})

test.each(['http', 'grpc'] as const)('%s: more connections than may be', async (protocol) => {
  const { port, notices, counted } = await serving(protocol, { max_connections: 1 })
  const kept = connectPlain(port, '127.0.0.1')
  onTestFinished(() => void kept.destroy())
  await once(kept, 'connect')
  await ended(connectPlain(port, '127.0.0.1'))
  expect(notices).toEqual([{ kind: 'refused', receiver: 'app', ip: '127.0.0.1', reason: 'max_connections' }])
  expect(await counted()).toEqual([{ value: 1, receiver: 'app', reason: 'max_connections' }])
})

test('who only looks whether somebody listens was not turned away', async () => {
  const { port, notices } = await serving('http', mutual)
  await ended(
    connectPlain(port, '127.0.0.1', function (this: Socket) {
      this.end()
    }),
  )
  // Somebody who is, comes behind him.
  await tlsClient(port, {})
  await until('a notice', () => notices.length > 0)
  expect(notices).toHaveLength(1)
})

test.each([
  ['no token', {}, 'missing', 'a bearer token is required'],
  ['an unknown one', { authorization: 'Bearer x' }, 'unknown', 'the bearer token is not known'],
  ['something else', { authorization: 'Negotiate x' }, 'missing', 'a bearer token is required'],
])('%s', async (_what, headers: Record<string, string>, label, reason) => {
  const auth = { bearer: [{ id: 'a', hash: '0'.repeat(64) }] }
  const told = { kind: 'unauthenticated', receiver: 'app', ip: '127.0.0.1', reason }
  const counted = [{ value: 1, labels: { receiver: 'app', reason: label } }]

  const http = await serving('http', {}, { auth })
  const sent = { ...headers, 'content-type': 'application/json' }
  const answer = await send(
    http.port,
    { method: 'POST', path: '/v1/logs', headers: sent },
    JSON.stringify(numbered(1)),
  )
  expect(answer.status).toBe(401)
  expect(http.notices).toEqual([told])
  expect((await http.metrics.unauthenticated.get()).values).toMatchObject(counted)

  const grpc = await serving('grpc', {}, { auth })
  expect((await call(`127.0.0.1:${grpc.port}`, Buffer.alloc(0), headers, method, {})).code).toBe(16)
  expect(grpc.notices).toEqual([told])
  expect((await grpc.metrics.unauthenticated.get()).values).toMatchObject(counted)
})

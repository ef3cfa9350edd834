// Certificates that are replaced while the receiver runs, as clients see it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { otlpReceiverConfig } from '../../../src/receivers/otlp/config.ts'
import { createOtlpReceiver } from '../../../src/receivers/otlp/receiver.ts'
import type { ServerNotice } from '../../../src/receivers/server/notice.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { scratchDirectory } from '../../scratch-directory.ts'
import { RequestIntake } from '../request-intake.ts'
import { until } from '../until.ts'
import { client, first, pem, put, second } from './certificates.ts'

const scratch = scratchDirectory('tls-renewal')
const files = { cert: join(scratch, 'tls.crt'), key: join(scratch, 'tls.key') }
const ca = join(scratch, 'ca.crt')

beforeEach(() => {
  put(first.cert, files.cert)
  put(first.key, files.key)
  put(client.cert, ca)
})

/** Time that passes a hundred times as fast where the listener waits for its next look. */
const hasty = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms === 1_000 ? 10 : ms, signal),
}

async function serving(protocol: 'http' | 'grpc', client_ca?: string) {
  const metrics = createMetrics()
  const notices: ServerNotice[] = []
  const tls = { ...files, ...(client_ca !== undefined && { client_ca }) }
  const receiver = createOtlpReceiver({
    name: 'app',
    config: otlpReceiverConfig.parse({ type: 'otlp', [protocol]: { listen: '127.0.0.1:0', tls } }),
    intake: new RequestIntake(),
    log: silentLog,
    metrics,
    clock: hasty,
    notify: (notice) => void notices.push(notice),
  })
  onTestFinished(() => receiver.stop())
  await receiver.start()
  return { port: receiver.addresses[protocol]!.port, metrics, notices }
}

const http1 = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
/** The preface, and settings without any. */
const http2 = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
])

/** Connects and waits until the server has had its say about the client's certificate, which comes after ours in TLS 1.3. */
async function meet(port: number, options: object = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  onTestFinished(() => void socket.destroy())
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
    socket.once('secureConnect', () => socket.write(socket.alpnProtocol === 'h2' ? http2 : http1))
    socket.once('data', () => resolve())
  })
  return socket
}

const shown = async (port: number, options: object) => {
  const socket = await meet(port, options)
  return socket.getPeerX509Certificate()!.toString().trim()
}

test.each([
  ['http', {}],
  ['grpc', { ALPNProtocols: ['h2'] }],
] as const)('%s shows the new certificate from the next connection on', async (protocol, options) => {
  const { port, notices, metrics } = await serving(protocol)
  const before = await meet(port, options)
  expect(before.getPeerX509Certificate()!.toString().trim()).toBe(pem(first.cert).toString().trim())
  put(second.cert, files.cert)
  put(second.key, files.key)
  await until('a notice', () => notices.length > 0)
  expect(await shown(port, options)).toBe(pem(second.cert).toString().trim())
  // Who was there already is not bothered.
  expect(before.destroyed).toBe(false)
  expect(notices).toEqual([
    {
      kind: 'certificate_loaded',
      receiver: 'app',
      listen: `127.0.0.1:${port}`,
      certificate: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), expires: expect.any(String) },
    },
  ])
  expect((await metrics.certificateLoads.get()).values).toMatchObject([
    { value: 1, labels: { receiver: 'app', result: 'loaded' } },
  ])
})

test('a bad file leaves the old certificate in place, and is told of', async () => {
  const { port, notices, metrics } = await serving('http')
  writeFileSync(files.cert, '-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n')
  await until('a notice', () => notices.length > 0)
  expect(notices).toMatchObject([
    {
      kind: 'certificate_refused',
      reason: expect.stringMatching(/^receivers\.app\.http\.tls\.cert: .*tls\.crt holds no certificate/),
    },
  ])
  expect(await shown(port, {})).toBe(pem(first.cert).toString().trim())
  expect((await metrics.certificateLoads.get()).values).toMatchObject([
    { value: 1, labels: { receiver: 'app', result: 'refused' } },
  ])
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'an authority that is taken away lets nobody in, also by a session of before (%s)',
  async (version) => {
    const { port, notices } = await serving('http', ca)
    const known = {
      cert: pem(client.cert),
      key: pem(client.key),
      minVersion: version,
      maxVersion: version,
    }
    const before = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...known })
    onTestFinished(() => void before.destroy())
    const session = await new Promise<Buffer>((resolve, reject) => {
      before.once('session', resolve)
      before.once('error', reject)
    })
    // It is good for another connection, as long as nothing changes.
    expect((await meet(port, { ...known, session })).isSessionReused()).toBe(true)
    put(second.cert, ca)
    await until('a notice', () => notices.length > 0)
    await expect(meet(port, { ...known, session })).rejects.toThrow()
  },
)

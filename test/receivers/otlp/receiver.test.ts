import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { AffiantError } from '../../../src/errors.ts'
import { otlpReceiverConfig } from '../../../src/receivers/otlp/config.ts'
import { createOtlpReceiver } from '../../../src/receivers/otlp/receiver.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { RequestIntake } from '../request-intake.ts'
import { listening, numbered } from './listening.ts'

function create(settings: object, log = silentLog) {
  const config = otlpReceiverConfig.parse({ type: 'otlp', ...settings })
  const intake = new RequestIntake()
  const receiver = createOtlpReceiver({
    name: 'app',
    config,
    intake,
    log,
    metrics: createMetrics(),
    clock: systemClock,
    notify: () => {},
  })
  onTestFinished(() => receiver.stop())
  return { receiver, intake }
}

async function failure(promise: Promise<unknown>): Promise<AffiantError> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (thrown instanceof AffiantError) return thrown
  throw new Error('no AffiantError', { cause: thrown })
}

test('says where it listens, before and after', async () => {
  expect(create({}).receiver.describe()).toEqual({ verb: 'listens', what: '127.0.0.1:4318 OTLP/HTTP' })
  const { receiver, port } = await listening()
  expect(receiver.describe().what).toBe(`127.0.0.1:${port} OTLP/HTTP`)
})

test('the stream of a run is opened with what is constant for it', async () => {
  const { post, intake, port } = await listening()
  await post(JSON.stringify(numbered(1)))
  expect(intake.opened).toEqual([
    {
      stream: { id: expect.stringMatching(/^[0-9a-f]{32}$/), receiver: 'app' },
      metadata: { protocol: 'otlp/http', listen: `127.0.0.1:${port}`, tls: false, authentication: 'none' },
    },
  ])
})

test('a port in use is named, with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await new Promise((resolve) => other.once('listening', resolve))
  const address = other.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const { receiver } = create({ http: { listen: `127.0.0.1:${address.port}` } })
  const error = await failure(receiver.start())
  expect(error.code).toBe('address_in_use')
  expect(error.message).toContain(`127.0.0.1:${address.port}`)
  expect(error.hint).toContain('receivers.app.http.listen')
  await receiver.stop()
})

test('an address of another machine is a fault of the configuration', async () => {
  const error = await failure(create({ http: { listen: '192.0.2.1:4318' } }).receiver.start())
  expect(error.code).toBe('config_invalid')
  expect(error.message).toContain('192.0.2.1:4318')
})

test.each([
  ['an open address that was asked for is warned of', { http: { insecure: true } }, 1],
  ['one with tokens is not', { auth: { bearer: [{ id: 'a', hash: '0'.repeat(64) }] } }, 0],
])('%s', async (_name, { http, ...settings }: { http?: object; auth?: object }, warnings) => {
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  await create({ http: { listen: '0.0.0.0:0', ...http }, ...settings }, log).receiver.start()
  expect(lines).toHaveLength(warnings)
})

test('an open address that nobody asked for is not listened on', async () => {
  const error = await failure(create({ http: { listen: '0.0.0.0:0' } }).receiver.start())
  expect(error.code).toBe('config_invalid')
  expect(error.message).toContain('set `auth` or `http.tls.client_ca`, or say `http.insecure: true`')
})

describe('TLS', () => {
  const file = (name: string) => join(import.meta.dirname, '../../fixtures/otlp', name)

  const post = (options: object) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' }
      const sent = request({
        method: 'POST',
        host: '127.0.0.1',
        path: '/v1/logs',
        agent: false,
        headers,
        ...options,
      })
      sent.on('response', (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.on('error', reject)
      sent.end(JSON.stringify(numbered(1)))
    })

  test('client certificates say who delivered; who has none is turned away', async () => {
    const tls = { cert: file('server.crt'), key: file('server.key'), client_ca: file('client.crt') }
    const { receiver, intake } = create({ http: { listen: '127.0.0.1:0', tls } })
    await receiver.start()
    expect(receiver.describe().what).toMatch(/ OTLP\/HTTPS$/)
    const ca = await readFile(file('server.crt'))
    const { port } = receiver.addresses.http!
    await expect(post({ port, ca })).rejects.toThrow()
    const [cert, key] = [await readFile(file('client.crt')), await readFile(file('client.key'))]
    expect(await post({ port, ca, cert, key })).toBe(200)
    expect(intake.recordChunks[0]?.peer).toEqual({ ip: '127.0.0.1', auth_id: 'checkout' })
    expect(intake.opened[0]?.metadata).toMatchObject({ tls: true, authentication: 'certificate' })
    await expect(post({ port, ca, cert, key, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).rejects.toThrow()
  })

  test('a file that cannot be read is named', async () => {
    const { receiver } = create({
      http: { listen: '127.0.0.1:0', tls: { cert: '/nonexistent/a.pem', key: '/nonexistent/b.pem' } },
    })
    const error = await failure(receiver.start())
    expect(error.code).toBe('config_unreadable')
    expect(error.message).toMatch(/http\.tls\.(cert|key): \/nonexistent\/[ab]\.pem cannot be read \(ENOENT\)/)
  })

  test('a file that is no certificate is a fault of the configuration', async () => {
    const tls = { cert: file('logs.proto'), key: file('server.key') }
    const { receiver } = create({ http: { listen: '127.0.0.1:0', tls } })
    expect((await failure(receiver.start())).code).toBe('config_invalid')
  })
})

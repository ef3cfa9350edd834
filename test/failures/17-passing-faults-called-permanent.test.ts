/** Elsewhere overload is answered with 500, and a DNS failure is permanent. Here both pass. */

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createSecureServer } from 'node:http2'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AffiantError } from '../../src/errors.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { listening, numbered } from '../receivers/otlp/listening.ts'
import { connected, httpSink } from '../sinks/http/destination.ts'
import { otlpSink } from '../sinks/otlp/sink.ts'
import { planned, s3Batch } from '../sinks/s3/batches.ts'
import { s3Sink } from '../sinks/s3/bucket.ts'
import { hecSink } from '../sinks/splunk_hec/sink.ts'

const fixture = (name: string) => new URL(`../fixtures/tls/${name}`, import.meta.url)

/** Each sink that speaks over a network, for a destination at this URL. */
const sinks: Readonly<Record<string, (url: string, tls?: object) => Sink>> = {
  http: (url, tls) => httpSink({ url, tls, timeout: '5s' }),
  splunk_hec: (url, tls) => hecSink({ url, tls, timeout: '5s' }),
  'otlp over HTTP': (url, tls) => otlpSink({ url, tls, timeout: '5s' }),
  'otlp over gRPC': (url, tls) => otlpSink({ url, tls, protocol: 'grpc', timeout: '5s' }),
  s3: (url, tls) => s3Sink(url, { tls, timeout: '5s' }),
}

async function outcomeOf(sink: Sink) {
  onTestFinished(() => sink.stop())
  await sink.start()
  const batch = await planned(sink, s3Batch(sink, 3))
  return await sink.deliver(batch, AbortSignal.timeout(10_000))
}

describe.each(Object.entries(sinks))('%s: a destination that cannot be reached is tried again', (_, open) => {
  test('its name does not resolve', async () => {
    expect(await outcomeOf(open('http://no-such-host.invalid'))).toMatchObject({
      kind: 'later',
      reason: expect.stringMatching(/no-such-host/),
    })
  })

  test('it refuses connections', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    server.close()
    await once(server, 'close')
    const port = typeof address === 'object' && address ? address.port : 0
    expect(await outcomeOf(open(`http://127.0.0.1:${port}`))).toMatchObject({
      kind: 'later',
      reason: expect.stringMatching(/ECONNREFUSED/),
    })
  })

  test.each([
    ['is not to be trusted', 'localhost', undefined],
    ['has expired', 'expired', 'expired'],
  ])('its certificate %s', async (_name, own, trusted) => {
    const server = createSecureServer({
      allowHTTP1: true,
      key: await readFile(fixture(`${own}-key.pem`)),
      cert: await readFile(fixture(`${own}-cert.pem`)),
    })
    server.on('request', () => expect.fail('something was sent in spite of the certificate'))
    server.on('sessionError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(async () => {
      server.close()
      await once(server, 'close')
    })
    const { port } = server.address() as AddressInfo
    const tls =
      trusted === undefined ? undefined : { ca: await readFile(fixture(`${trusted}-cert.pem`), 'utf8') }
    const outcome = await outcomeOf(open(`https://127.0.0.1:${port}`, tls))
    expect(outcome).toMatchObject({
      kind: 'later',
      reason: expect.stringMatching(trusted ? /expired/i : /self[- ]signed/i),
    })
  })
})

describe('http: what an answer cannot make permanent', () => {
  test.each([401, 403, 429, 500, 502, 503, 504])(
    'it answers %i: credentials that expired, too much to do',
    async (status) => {
      const { destination } = await connected()
      destination.answer = (request, response) => destination.accept(request, response, status)
      const { kind } = await outcomeOf(httpSink({ url: destination.url }))
      expect(['later', 'held']).toContain(kind)
    },
  )
})

test.each([
  ['a full journal', new AffiantError('journal_full', 'full')],
  ['a disk that fails', new AffiantError('journal_unavailable', 'EIO')],
  ['a defect', new TypeError('x is not a function')],
])('%s is 503 with Retry-After to a client, and it may send again', async (_name, refusal) => {
  const { post, intake } = await listening()
  intake.refusal = refusal
  const answer = await post(JSON.stringify(numbered(1)))
  expect(answer.status).toBe(503)
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  intake.refusal = undefined
  expect(await post(JSON.stringify(numbered(1)))).toMatchObject({ status: 200 })
})

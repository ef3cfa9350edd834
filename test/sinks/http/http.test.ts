import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { httpSinkConfig } from '../../../src/sinks/http/config.ts'
import { version } from '../../../src/version.ts'
import { batchOfMany, linesOf } from '../batches.ts'
import { connected, httpSink } from './destination.ts'

const never = new AbortController().signal
const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url))
const tls = () => ({
  key: readFileSync(fixture('localhost-key.pem'), 'utf8'),
  cert: readFileSync(fixture('localhost-cert.pem'), 'utf8'),
})

test('a request says what it carries', async () => {
  const { destination, sink } = await connected({
    auth: { bearer: 's3cret-token' },
    headers: { 'X-Tenant': 'acme' },
    method: 'PUT',
  })
  const batch = batchOfMany(2, { firstSeq: 40 })
  await sink.deliver(batch, never)
  expect(destination.requests).toMatchObject([
    {
      method: 'PUT',
      url: '/audit?tenant=acme',
      headers: {
        authorization: 'Bearer s3cret-token',
        'content-length': `${batch.lines.length}`,
        'content-type': 'application/x-ndjson',
        'idempotency-key': 'affiant/test/1/40-41',
        'user-agent': `affiant/${version}`,
        'x-tenant': 'acme',
      },
    },
  ])
})

test.each(['none', 'gzip', 'zstd'])(
  'a JSON array holds the same events: compression %s',
  async (compression) => {
    const { destination, sink } = await connected({ format: 'json_array', compression })
    const batches = [batchOfMany(1), batchOfMany(1000, { firstSeq: 1, extra: 100 })]
    for (const batch of batches) expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
    expect(destination.lines()).toEqual(batches.flatMap(linesOf))
    expect(destination.requests[0]!.headers['content-type']).toBe('application/json')
  },
)

test('connections are kept, after failures with a body too', async () => {
  const { destination, sink } = await connected()
  const healthy = destination.answer
  for (let round = 0; round < 3; round++) {
    destination.answer = (request, response) => {
      request.resume().on('end', () => response.writeHead(503).end('x'.repeat(50_000)))
    }
    expect((await sink.deliver(batchOfMany(1), never)).kind).toBe('later')
    destination.answer = healthy
    expect(await sink.deliver(batchOfMany(1), never)).toMatchObject({ kind: 'accepted' })
  }
  // A second one may be opened while the first is still being read out.
  expect(destination.connections).toBeLessThanOrEqual(2)
})

test('an answer without an end is cut off, and its status counts', async () => {
  const { destination, sink } = await connected()
  destination.answer = (request, response) => {
    request.resume()
    response.writeHead(422)
    const more = () => {
      while (!response.destroyed && response.write('no '.repeat(1000)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  }
  const outcome = await sink.deliver(batchOfMany(1), never)
  expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/^HTTP 422: no no/) })
  if (outcome.kind === 'refused') expect(outcome.reason.length).toBeLessThan(220)
})

test('a redirect is not followed', async () => {
  const { destination, sink } = await connected({ auth: { bearer: 'token-of-this-host' } })
  let elsewhere = 0
  destination.answer = (request, response) => {
    if (request.url === '/elsewhere') elsewhere++
    request.resume().on('end', () => response.writeHead(307, { location: '/elsewhere' }).end())
  }
  expect((await sink.deliver(batchOfMany(1), never)).kind).toBe('held')
  expect(elsewhere).toBe(0)
})

test('no credential reaches the reason, even if the destination echoes it', async () => {
  const { destination, sink } = await connected({
    auth: { bearer: 'abcd-1234-token' },
    headers: { 'x-api-key': 'key-5678' },
  })
  destination.answer = (request, response) => {
    const { authorization, 'x-api-key': key } = request.headers
    request.resume().on('end', () => {
      response.writeHead(403).end(`bad ${authorization}\r\nand\u001b[2J ${String(key)} of ${request.url}`)
    })
  }
  expect(await sink.deliver(batchOfMany(1), never)).toEqual({
    kind: 'held',
    reason: 'HTTP 403: bad Bearer *** and [2J *** of /audit?tenant=***',
  })
  expect(sink.target).not.toContain('acme')
})

test('a destination that never answers is given up after the timeout; one that never ends its answer has answered', async () => {
  const { destination, sink } = await connected({ timeout: '150ms' })
  destination.answer = () => undefined
  const begun = performance.now()
  expect(await sink.deliver(batchOfMany(1), never)).toMatchObject({
    kind: 'later',
    reason: expect.stringMatching(/150 ms|timeout/i),
  })
  destination.answer = (request, response) => {
    request.resume()
    response.writeHead(200).write('begun')
  }
  expect((await sink.deliver(batchOfMany(1), never)).kind).toBe('accepted')
  expect(performance.now() - begun).toBeLessThan(3000)
})

test('nobody listens: later, with the address', async () => {
  const { destination, sink } = await connected()
  const { port } = new URL(destination.url)
  await sink.stop()
  const orphan = httpSink({ url: `http://127.0.0.1:${port === '1' ? 2 : 1}/` })
  await orphan.start()
  expect(await orphan.deliver(batchOfMany(1), never)).toMatchObject({
    kind: 'later',
    reason: expect.stringContaining('ECONNREFUSED'),
  })
  await orphan.stop()
})

test('certificates are verified; a CA can be given as a path or as text', async () => {
  const strict = await connected({}, tls())
  expect(await strict.sink.deliver(batchOfMany(1), never)).toMatchObject({
    kind: 'later',
    reason: expect.stringMatching(/self-signed|SELF_SIGNED/),
  })
  for (const ca of [fixture('localhost-cert.pem'), tls().cert]) {
    const trusting = await connected({ tls: { ca } }, tls())
    expect(await trusting.sink.deliver(batchOfMany(1), never)).toMatchObject({ kind: 'accepted' })
  }
})

test('a name and a password, in UTF-8; neither is echoed', async () => {
  const { destination, sink } = await connected({ auth: { basic: { user: 'zoë', password: 'pa:ss wörd' } } })
  await sink.deliver(batchOfMany(1), never)
  const [, encoded = ''] = destination.requests[0]?.headers.authorization?.split('Basic ') ?? []
  expect(Buffer.from(encoded, 'base64').toString()).toBe('zoë:pa:ss wörd')
  destination.answer = (request, response) => {
    request.resume().on('end', () => response.writeHead(401).end(`no ${encoded}, pa:ss wörd`))
  }
  expect(await sink.deliver(batchOfMany(1), never)).toEqual({ kind: 'held', reason: 'HTTP 401: no ***, ***' })
})

test('a destination that wants a certificate gets it; without one the batch waits', async () => {
  const { key, cert } = tls()
  const mutual = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: true }
  const stranger = await connected({ tls: { ca: cert } }, mutual)
  expect(await stranger.sink.deliver(batchOfMany(1), never)).toMatchObject({ kind: 'later' })
  expect(stranger.destination.requests).toEqual([])
  for (const own of [tls(), { key: fixture('localhost-key.pem'), cert: fixture('localhost-cert.pem') }]) {
    const known = await connected({ tls: { ca: cert, ...own } }, mutual)
    expect(await known.sink.deliver(batchOfMany(1), never)).toMatchObject({ kind: 'accepted' })
  }
})

test('a key that is none stops the start, and is not shown', async () => {
  const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'
  const sink = httpSink({ url: 'https://127.0.0.1/', tls: { cert: tls().cert, key } })
  await expect(sink.start()).rejects.toMatchObject({
    code: 'config_unreadable',
    message: expect.stringMatching(/^sink \S+: tls: (?!.*c2Vj)/),
  })
})

test('a CA file that is not there stops the start', async () => {
  const sink = httpSink({ url: 'https://127.0.0.1/', tls: { ca: '/nonexistent/ca.pem' } })
  await expect(sink.start()).rejects.toMatchObject({
    code: 'config_unreadable',
    message: expect.stringMatching(/^sink \S+: tls\.ca: .*\/nonexistent\/ca\.pem/),
  })
})

test.each([
  { url: 'ftp://example.com/' },
  { url: 'https://user:secret@example.com/' },
  { url: 'https://example.com/#part' },
  { url: 'https://example.com/', headers: { 'Content-Length': '5' } },
  { url: 'https://example.com/', headers: { 'x-a': 'b\r\nx-c: d' } },
  { url: 'https://example.com/', headers: { 'x a': 'b' } },
  { url: 'https://example.com/', auth: { bearer: 'two words' } },
  { url: 'https://example.com/', auth: {} },
  { url: 'https://example.com/', auth: { bearer: 'a', basic: { user: 'b', password: 'c' } } },
  { url: 'https://example.com/', auth: { basic: { user: 'a:b', password: 'c' } } },
  { url: 'https://example.com/', tls: { cert: '/etc/cert.pem' } },
  { url: 'https://example.com/', compression: 'gzip', compression_level: 10 },
  { url: 'https://example.com/', compression: 'zstd', compression_level: 20 },
  { url: 'https://example.com/', format: 'xml' },
  { url: 'https://example.com/', retires: 5 },
])('refused: %j', (config) => {
  expect(httpSinkConfig.safeParse({ type: 'http', ...config }).success).toBe(false)
})

/** OAuth 2.0 client credentials and AWS signatures, each against something that checks them. */
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { batchOfMany } from '../batches.ts'
import { connected, type Request } from './destination.ts'

const never = new AbortController().signal

async function openTokenServer() {
  const asked: { readonly authorization: string | undefined; readonly form: Record<string, string> }[] = []
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { authorization } = request.headers
    asked.push({
      authorization,
      form: Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())),
    })
    const { status, body } = tokens
    response
      .writeHead(status)
      .end(body ?? JSON.stringify({ access_token: `token-${asked.length}`, expires_in: tokens.lifetime }))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const tokens: {
    readonly url: string
    readonly asked: typeof asked
    status: number
    body?: string
    lifetime: number
  } = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    asked,
    status: 200,
    lifetime: 3600,
  }
  return tokens
}

const withToken = (tokens: { readonly url: string }, more = {}) => ({
  auth: {
    oauth2: {
      token_url: tokens.url,
      client_id: 'a b',
      client_secret: 's3cret:/',
      scopes: ['x', 'y'],
      ...more,
    },
  },
})

test('oauth2: one token for all batches, asked for as the RFC says, and anew after a 401', async () => {
  const tokens = await openTokenServer()
  const { destination, sink } = await connected(withToken(tokens, { audience: 'siem' }))
  await Promise.all([1, 2, 3].map((firstSeq) => sink.deliver(batchOfMany(1, { firstSeq }), never)))
  expect(tokens.asked).toEqual([
    {
      authorization: `Basic ${Buffer.from('a%20b:s3cret%3A%2F').toString('base64')}`,
      form: { grant_type: 'client_credentials', scope: 'x y', audience: 'siem' },
    },
  ])
  expect(new Set(destination.requests.map(({ headers }) => headers.authorization))).toEqual(
    new Set(['Bearer token-1']),
  )
  destination.answer = (request, response) =>
    destination.accept(request, response, request.headers.authorization === 'Bearer token-1' ? 401 : 200)
  expect((await sink.deliver(batchOfMany(1), never)).kind).toBe('accepted')
  expect(tokens.asked).toHaveLength(2)
})

test('oauth2: many batches that meet the end of a token ask for one new one', async () => {
  const tokens = await openTokenServer()
  const { destination, sink } = await connected(withToken(tokens))
  const waiting: (() => void)[] = []
  destination.answer = async (request, response) => {
    if (request.headers.authorization !== 'Bearer token-1') return destination.accept(request, response)
    // One after another, each after the one before has its new token.
    const turn = new Promise<void>((resolve) => waiting.push(resolve))
    await turn
    await destination.accept(request, response, 401)
  }
  const sent = [1, 2, 3, 4].map((firstSeq) => sink.deliver(batchOfMany(1, { firstSeq }), never))
  await expect.poll(() => waiting.length).toBe(4)
  for (const [index, answer] of waiting.entries()) {
    answer()
    expect((await sent[index]!).kind).toBe('accepted')
  }
  expect(tokens.asked).toHaveLength(2)
})

test('oauth2: a token that is about to end is not used', async () => {
  const tokens = await openTokenServer()
  tokens.lifetime = 0.01
  const { sink } = await connected(withToken(tokens, { auth_style: 'body' }))
  await sink.deliver(batchOfMany(1), never)
  await expect
    .poll(async () => {
      await sink.deliver(batchOfMany(1), never)
      return tokens.asked.length
    })
    .toBeGreaterThan(1)
  expect(tokens.asked[0]).toMatchObject({
    authorization: undefined,
    form: { client_id: 'a b', client_secret: 's3cret:/' },
  })
})

test('a stop waits for no token, and for no program', async () => {
  const silent = createServer(() => undefined)
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  onTestFinished(async () => {
    silent.closeAllConnections()
    silent.close()
    await once(silent, 'close')
  })
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/token`
  for (const options of [withToken({ url }), { auth: { bearer: { command: ['sleep', '20'] } } }]) {
    const { sink } = await connected(options)
    const stopping = new AbortController()
    const delivered = sink.deliver(batchOfMany(1), stopping.signal)
    stopping.abort(new Error('the agent stops'))
    expect(await delivered).toEqual({ kind: 'later', reason: 'the agent stops' })
  }
})

test.each([
  [503, 'later'],
  [401, 'held'],
  [400, 'held'],
  [200, 'held'],
])('oauth2: a token endpoint that says %i is %s, without the secret', async (status, kind) => {
  const tokens = await openTokenServer()
  tokens.status = status
  tokens.body = 'your s3cret:/ is wrong'
  const { destination, sink } = await connected(withToken(tokens))
  const outcome = await sink.deliver(batchOfMany(1), never)
  expect(outcome.kind).toBe(kind)
  expect(JSON.stringify(outcome)).not.toContain('s3cret')
  expect(destination.requests).toEqual([])
})

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest()

/** As AWS describes it, "Create a signed AWS API request", for services other than S3: without the library that signs. */
function signatureOf({ method, url, headers, body }: Request, secret: string): string {
  const [, day, region, service, names] =
    /Credential=[^/]+\/(\d+)\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+)/.exec(
      headers.authorization!,
    )!
  const [path, query = ''] = url.split('?')
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  const canonical = [
    method,
    path!.split('/').map(encode).join('/'),
    query.split('&').toSorted().join('&'),
    ...names!.split(';').map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    names,
    sha256(body),
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = [region!, service!, 'aws4_request'].reduce<Buffer>(
    (k, part) => hmac(k, part),
    hmac(`AWS4${secret}`, day!),
  )
  return hmac(key, toSign).toString('hex')
}

test.each(['none', 'gzip'])(
  'sigv4: the receiver comes to the same signature (compression %s)',
  async (compression) => {
    const { destination, sink } = await connected({
      compression,
      headers: { 'X-Team': 'a  b' },
      auth: {
        sigv4: {
          region: 'eu-central-1',
          service: 'execute-api',
          access_key: 'AK',
          secret_key: 'SK',
          session_token: 'ST',
        },
      },
    })
    expect((await sink.deliver(batchOfMany(3), never)).kind).toBe('accepted')
    const [request] = destination.requests
    const { authorization } = request!.headers
    expect(authorization).toContain('host;')
    expect(authorization).toContain('x-amz-security-token')
    expect(authorization).toMatch(new RegExp(`Signature=${signatureOf(request!, 'SK')}$`))
  },
)

test('sigv4: keys in files are read anew after a 403, and a token that comes back is not shown', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-sigv4-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'token')
  await writeFile(file, 'first-session-token')
  const { destination, sink } = await connected({
    auth: {
      sigv4: { region: 'r', service: 's', access_key: 'AK', secret_key: 'SK', session_token: { file } },
    },
  })
  destination.answer = async (request, response) => {
    const token = String(request.headers['x-amz-security-token'])
    request.resume()
    response.writeHead(token === 'first-session-token' ? 403 : 200).end(`token ${token} has expired`)
  }
  expect(await sink.deliver(batchOfMany(1), never)).toEqual({
    kind: 'held',
    reason: 'HTTP 403: token *** has expired',
  })
  await writeFile(file, 'second-session-token')
  expect((await sink.deliver(batchOfMany(1), never)).kind).toBe('accepted')
})

/** OAuth 2.0 client credentials and AWS signatures, each against something that checks them. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { expect, onTestFinished, test } from 'vitest'
import { batchOfMany } from '../batches.ts'
import { connected } from './destination.ts'

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

test('sigv4: the receiver, with the same keys, comes to the same signature', async () => {
  const { destination, sink } = await connected({
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
  const { headers, body, method, url } = destination.requests[0]!
  const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization!)![1]!.split(';')
  const { pathname, searchParams } = new URL(url, 'http://x')
  const again = await new SignatureV4({
    region: 'eu-central-1',
    service: 'execute-api',
    sha256: Sha256,
    credentials: { accessKeyId: 'AK', secretAccessKey: 'SK', sessionToken: 'ST' },
  }).sign(
    {
      method,
      protocol: 'https:',
      hostname: headers.host!,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: Object.fromEntries(signed.map((name) => [name, String(headers[name])])),
      body,
    },
    {
      signingDate: new Date(
        String(headers['x-amz-date']).replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'),
      ),
    },
  )
  expect(signed).toContain('x-amz-security-token')
  expect(again.headers.authorization).toBe(headers.authorization)
})

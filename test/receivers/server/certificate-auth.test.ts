// Who sends is known by the name of his certificate, and may deliver what stands beside it.
import { hash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { expect, test } from 'vitest'
import { httpReceiverConfig } from '../../../src/receivers/http/config.ts'
import { otlpReceiverConfig } from '../../../src/receivers/otlp/config.ts'
import { createCredentials } from '../../../src/receivers/server/credentials.ts'
import { splunkHecReceiverConfig } from '../../../src/receivers/splunk_hec/config.ts'
import { syslogReceiverConfig } from '../../../src/receivers/syslog/config.ts'
import { listening } from '../http/listening.ts'
import { client, first, pem } from './certificates.ts'

const tls = { cert: first.cert, key: first.key, client_ca: client.cert }
const checkout = { name: 'checkout', allow_scopes: ['organization:acme'] }
const shop = { id: 'shop', hash: hash('sha256', 'secret') }
const scopes = [[{ type: 'organization', id: 'acme' }]]

async function post(port: number, authorization?: string): Promise<number | undefined> {
  const sending = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    agent: false,
    rejectUnauthorized: false,
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    cert: pem(client.cert),
    key: pem(client.key),
  })
  sending.end('{}')
  const [answer] = (await once(sending, 'response')) as [IncomingMessage]
  answer.resume()
  await once(answer, 'close')
  return answer.statusCode
}

test('a name that is known is let in, with its scopes', async () => {
  const { port, intake } = await listening({ tls, auth: { certificate: [checkout] } })
  expect(await post(port)).toBe(200)
  // No token is looked at where there are none.
  expect(await post(port, 'Bearer anything')).toBe(200)
  const peer = { ip: '127.0.0.1', auth_id: 'checkout', scopes }
  expect(intake.recordChunks.map((chunk) => chunk.peer)).toEqual([peer, peer])
  expect(intake.opened[0]?.metadata).toMatchObject({ authentication: 'certificate' })
})

test('another name is not, whoever signed its certificate', async () => {
  const { port, intake } = await listening({ tls, auth: { certificate: [{ name: 'other' }] } })
  expect(await post(port)).toBe(401)
  expect(intake.recordChunks).toEqual([])
})

test('beside tokens it counts for who shows none', async () => {
  const { port, intake } = await listening({ tls, auth: { bearer: [shop], certificate: [checkout] } })
  expect(await post(port)).toBe(200)
  expect(await post(port, 'Bearer secret')).toBe(200)
  expect(await post(port, 'Bearer wrong')).toBe(401)
  expect(intake.recordChunks.map((chunk) => chunk.peer)).toEqual([
    { ip: '127.0.0.1', auth_id: 'checkout', scopes },
    { ip: '127.0.0.1', auth_id: 'shop' },
  ])
})

test.each([
  ['none is shown', undefined, 'a client certificate with a common name is required'],
  ['it is not known', 'eve', 'the name of the client certificate is not known: eve'],
])('why nobody is let in: %s', async (_what, name, message) => {
  const credentials = createCredentials({ certificate: [{ name: 'checkout' }] })
  const asked = credentials.identify(() => undefined, name)
  await expect(asked).rejects.toMatchObject({ code: 'unauthenticated', message })
})

const certificate = [{ name: 'checkout' }]
const http = { type: 'http' as const, auth: { certificate } }
const otlp = { type: 'otlp' as const, auth: { certificate } }
const hosts = { type: 'syslog' as const, auth: { certificate }, tcp: { tls } }
const wrong = (config: unknown) => (config as { error?: { issues: { message: string }[] } }).error?.issues

test.each([
  ['without TLS', httpReceiverConfig.safeParse(http), 'needs `tls.client_ca`'],
  [
    'without client_ca',
    httpReceiverConfig.safeParse({ ...http, tls: { ...tls, client_ca: undefined } }),
    'needs `tls.client_ca`',
  ],
  ['of OTLP at its default address', otlpReceiverConfig.safeParse(otlp), 'needs `tls.client_ca`'],
  [
    'at one of two listeners',
    otlpReceiverConfig.safeParse({ ...otlp, http: { tls }, grpc: {} }),
    'needs `tls.client_ca`',
  ],
  [
    'with the name of a token',
    httpReceiverConfig.safeParse({
      ...http,
      tls,
      auth: { certificate, bearer: [{ ...shop, id: 'checkout' }] },
    }),
    'has the name of another',
  ],
  [
    'twice',
    httpReceiverConfig.safeParse({ ...http, tls, auth: { certificate: [...certificate, ...certificate] } }),
    'two certificates have the same name',
  ],
  [
    'with UDP beside it',
    syslogReceiverConfig.safeParse({ ...hosts, udp: {} }),
    'over UDP nobody shows a certificate',
  ],
  [
    'nothing at all',
    splunkHecReceiverConfig.safeParse({ type: 'splunk_hec', auth: {} }),
    'needs `bearer` or `certificate`',
  ],
])('a certificate that nobody could show is refused: %s', (_what, parsed, message) => {
  expect(wrong(parsed)?.map((issue) => issue.message)).toContainEqual(expect.stringContaining(message))
})

test.each([
  ['http', httpReceiverConfig.safeParse({ ...http, tls })],
  ['otlp', otlpReceiverConfig.safeParse({ ...otlp, http: { tls }, grpc: { tls } })],
  [
    'otlp, of whose listeners one is for tokens alone',
    otlpReceiverConfig.safeParse({ ...otlp, http: { tls }, grpc: {}, auth: { certificate, bearer: [shop] } }),
  ],
  ['syslog', syslogReceiverConfig.safeParse(hosts)],
])('what can be asked for is taken: %s', (_what, parsed) => {
  expect(wrong(parsed)).toBe(undefined)
})

// What becomes of a signature: by which key it is checked, what is taken in without, and what is refused.
import {
  createHash,
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto'
import { renameSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { type Clock, systemClock } from '../../../../src/clock.ts'
import { auditRecord, canonicalText } from '../../../../src/receivers/otlp/audit/canonical-record.ts'
import { WorkDirectory } from '../../../e2e/agent-process.ts'
import { first, pem } from '../../server/certificates.ts'
import { until } from '../../until.ts'
import type { RequestObject } from '../oracle.ts'
import { auditing, type Settings } from './listening.ts'
import { type Any, record, request, text } from './records.ts'

const signedBytes = (sent: RequestObject) => Buffer.from(canonicalText(auditRecord(sent)))

const hmacOf = (sent: RequestObject, secret: string | Buffer) =>
  createHmac('sha256', secret).update(signedBytes(sent)).digest('base64')

function signed(
  sent: RequestObject,
  value: unknown,
  more: Readonly<Record<string, Any>> = {},
): RequestObject {
  const proof = {
    'audit.integrity.value': typeof value === 'string' ? text(value) : (value as Any),
    ...complete,
    ...more,
  }
  const added = Object.entries(proof).map(([key, each]) => ({ key, value: each }))
  return { ...sent, attributes: [...(sent.attributes as object[]), ...added] }
}

const complete = {
  'audit.integrity.signer': text('producer'),
  'audit.integrity.canonicalization': text('jcs'),
}
const by = (algorithm: string, certificate?: string) => ({
  'service.name': text('shop'),
  'audit.integrity.algorithm': text(algorithm),
  ...(certificate !== undefined && { 'audit.integrity.certificate': text(certificate) }),
})

function files(content: Readonly<Record<string, string | Buffer>>) {
  const directory = new WorkDirectory()
  onTestFinished(() => directory[Symbol.dispose]())
  for (const [name, bytes] of Object.entries(content)) directory.write(name, bytes)
  return (name: string) => directory.at(name)
}

const secret = 'a secret that is long enough'
const ed25519 = generateKeyPairSync('ed25519')
const publicPem = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' })

/** One record; resolves with the status, what was said, and what is known of it. */
async function sending(settings: Settings, sent: RequestObject, resource: Readonly<Record<string, Any>>) {
  const { json, intake, metrics } = await auditing(settings)
  const { status, answer } = await json(request([sent], resource))
  const [taken] = intake.received
  const { values } = await metrics.auditProofs.get()
  return {
    status,
    said: answer.message,
    verified: taken?.verified,
    warnings: taken?.warnings,
    counted: values[0]?.labels,
  }
}

const one = record(1)

test.each([
  ['text', `${secret}\n`, undefined],
  ['text without a newline', secret, undefined],
  ['base64', `${Buffer.from(secret).toString('base64')}\n`, 'base64'],
  ['hex', Buffer.from(secret).toString('hex'), 'hex'],
] as const)('a secret, as %s', async (_name, content, encoding) => {
  const at = files({ secret: content })
  const keys = [{ id: 'k', secret: at('secret'), encoding, default: true }]
  const { status, verified, counted } = await sending(
    { keys },
    signed(one, hmacOf(one, secret)),
    by('HMAC-SHA256'),
  )
  expect([status, verified, counted]).toEqual([200, true, { receiver: 'audit', result: 'verified' }])
})

test.each(['HMAC-SHA256', 'hmac-sha256', 'HMAC-SHA-256', 'HS256'])('an algorithm called %s', async (name) => {
  const keys = [{ id: 'k', secret: files({ secret })('secret'), default: true }]
  expect((await sending({ keys }, signed(one, hmacOf(one, secret)), by(name))).verified).toBe(true)
})

test.each<[string, (bytes: Buffer) => unknown]>([
  ['base64', (bytes) => bytes.toString('base64')],
  ['base64 without padding', (bytes) => bytes.toString('base64').replace(/=+$/, '')],
  ['base64url', (bytes) => bytes.toString('base64url')],
  ['hex', (bytes) => bytes.toString('hex')],
  ['one of a list', (bytes) => ({ arrayValue: { values: [text('AAAA'), text(bytes.toString('base64'))] } })],
])('a proof as %s', async (_name, write) => {
  const keys = [{ id: 'k', pem: files({ 'k.pem': publicPem(ed25519.publicKey) })('k.pem') }]
  const value = write(sign(null, signedBytes(one), ed25519.privateKey))
  expect((await sending({ keys }, signed(one, value), by('EdDSA', 'k'))).verified).toBe(true)
})

test('a JWK by itself, and one of a set', async () => {
  const jwk = { ...ed25519.publicKey.export({ format: 'jwk' }), kid: 'k' }
  const other = { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'other' }
  const at = files({ one: JSON.stringify(jwk), set: JSON.stringify({ keys: [other, jwk] }) })
  const sent = signed(one, sign(null, signedBytes(one), ed25519.privateKey).toString('base64'))
  for (const name of ['one', 'set'])
    expect((await sending({ keys: [{ id: 'k', jwk: at(name) }] }, sent, by('EdDSA', 'k'))).verified).toBe(
      true,
    )
})

const certificate = new X509Certificate(pem(first.cert))
const fingerprint = certificate.fingerprint256

test.each([
  ['its id', 'web'],
  ['its fingerprint', `sha256:${fingerprint.replaceAll(':', '').toLowerCase()}`],
  ['its fingerprint as OpenSSL writes it', `SHA256:${fingerprint}`],
  ['its fingerprint by SHA-1', `sha1:${certificate.fingerprint.replaceAll(':', '').toLowerCase()}`],
  ['all of it', certificate.raw.toString('base64')],
  ['all of it, in lines', certificate.raw.toString('base64').replace(/.{64}/g, '$&\n')],
  ['issuer and serial number', `${certificate.issuer.replaceAll('\n', ',')}/${certificate.serialNumber}`],
])('a certificate, called by %s', async (_name, name) => {
  const key = createPrivateKey(pem(first.key))
  const isRsa = key.asymmetricKeyType === 'rsa'
  const value = sign('sha256', signedBytes(one), key).toString('base64')
  const { status, said, verified } = await sending(
    { keys: [{ id: 'web', pem: first.cert }] },
    signed(one, value),
    by(isRsa ? 'RS256' : 'ES256', name),
  )
  expect([status, said, verified]).toEqual([200, undefined, true])
})

const ownKeys = () => [{ id: 'k', pem: files({ 'k.pem': publicPem(ed25519.publicKey) })('k.pem') }]
const own = signed(one, sign(null, signedBytes(one), ed25519.privateKey).toString('base64'))

test.each<[string, RequestObject, Readonly<Record<string, Any>>, string]>([
  [
    'a certificate that no key has',
    own,
    by('EdDSA', 'else'),
    'its signature was not checked: there is no key for the certificate "else"',
  ],
  [
    'no certificate, and no default',
    own,
    by('EdDSA'),
    'its signature was not checked: there is no key for records that name no certificate',
  ],
  [
    'a canonicalization of its own',
    signed(one, 'AAAA', { 'audit.integrity.canonicalization': text('own v1') }),
    by('EdDSA', 'k'),
    'its signature was not checked: audit.integrity.canonicalization is "own v1", and only jcs is understood',
  ],
])('taken in, and not marked: %s', async (_name, sent, resource, warning) => {
  const taken = await sending({ keys: ownKeys() }, sent, resource)
  expect(taken).toMatchObject({
    status: 200,
    verified: undefined,
    warnings: [warning],
    counted: { result: 'unchecked' },
  })
  const refused = await sending({ keys: ownKeys(), unverified: 'refuse' }, sent, resource)
  expect(refused.status).toBe(400)
  expect(refused.said).toContain('its signature cannot be verified here')
})

test('no signature at all', async () => {
  expect(await sending({}, one, by('EdDSA', 'k'))).toMatchObject({
    status: 200,
    counted: { result: 'absent' },
    warnings: undefined,
  })
  const refused = await sending({ keys: ownKeys(), unverified: 'refuse' }, one, by('EdDSA', 'k'))
  expect(refused.said).toContain(
    'it is not signed, and only records with a signature that was verified are taken',
  )
  expect((await sending({ keys: ownKeys(), unverified: 'refuse' }, own, by('EdDSA', 'k'))).status).toBe(200)
})

test('the key says what it is used for, never the record', async () => {
  // With a public key everybody has, an HMAC could be made by anybody.
  const pemText = String(publicPem(ed25519.publicKey))
  for (const [sent, algorithm] of [
    [signed(one, hmacOf(one, pemText)), 'HMAC-SHA256'],
    [own, 'RS256'],
    [own, 'none'],
    [own, 'ES512K'],
  ] as const) {
    const { status, said } = await sending({ keys: ownKeys() }, sent, by(algorithm, 'k'))
    expect(status).toBe(400)
    expect(said).toContain(
      `its signature fails: the key of the certificate "k" is of another kind than "${algorithm}"`,
    )
  }
})

test('any of the keys for records without a certificate may hold, and where none does it fails', async () => {
  const at = files({ a: 'secret number one, long enough', b: 'secret number two, long enough' })
  const keys = ['a', 'b'].map((id) => ({ id, secret: at(id), default: true }))
  const sent = (from: string) => signed(one, hmacOf(one, from))
  expect((await sending({ keys }, sent('secret number two, long enough'), by('HMAC-SHA256'))).verified).toBe(
    true,
  )
  const { status, said } = await sending({ keys }, sent('secret number three'), by('HMAC-SHA256'))
  expect([status, said]).toEqual([400, expect.stringContaining('its signature fails ("HMAC-SHA256")')])
  // They have nothing to say about signatures of another kind.
  expect(await sending({ keys }, own, by('EdDSA'))).toMatchObject({
    status: 200,
    counted: { result: 'unchecked' },
  })
})

test('a certificate beside an HMAC is told of; the algorithm in the record is taken', async () => {
  const keys = [{ id: 'k', secret: files({ secret })('secret') }]
  const { warnings, verified } = await sending(
    { keys },
    signed(one, hmacOf(one, secret)),
    by('HMAC-SHA256', 'k'),
  )
  expect([verified, warnings]).toEqual([
    true,
    ['audit.integrity.certificate is set beside an HMAC, which has none'],
  ])
  const early = signed(one, hmacOf(one, secret), {
    'audit.integrity.algorithm': text('HMAC-SHA256'),
    'audit.integrity.certificate': text('k'),
  })
  const taken = await sending({ keys }, early, { 'service.name': text('shop') })
  expect(taken.verified).toBe(true)
  expect(taken.warnings).toContain(
    'the audit signal asks for more: audit.integrity.algorithm in the Resource',
  )
})

test('so many proofs, and so long ones, are not tried', async () => {
  const many = { arrayValue: { values: Array.from({ length: 9 }, () => text('AAAA')) } }
  const why = async (value: unknown) =>
    (await sending({}, signed(one, value), by('EdDSA', 'k'))).said as string
  expect(await why(many)).toContain('audit.integrity.value lists more than 8')
  expect(await why('A'.repeat(8_193))).toContain(
    'audit.integrity.value is no base64, or longer than 8192 characters',
  )
  expect(await why('no base64!')).toContain('audit.integrity.value is no base64')
  expect(await why({ arrayValue: {} })).toContain('audit.integrity.value is no string')
  // Whatever its certificate is called, it is looked up in one go.
  const name = `${' '.repeat(1_000_000)}!`
  expect((await sending({ keys: ownKeys() }, own, by('EdDSA', name))).status).toBe(200)
})

test('signatures that fail are told of: how many, and the first ten', async () => {
  const { json, notices } = await auditing({ keys: ownKeys() })
  const sent = Array.from({ length: 14 }, (_, n) => signed(record(n), 'AAAA'))
  expect((await json(request(sent, by('EdDSA', 'k')))).status).toBe(400)
  expect(notices).toMatchObject([
    { kind: 'signature_failed', receiver: 'audit', peer: { ip: '127.0.0.1' }, count: 14 },
  ])
  const [notice] = notices
  expect(notice?.kind === 'signature_failed' && notice.records).toHaveLength(10)
})

const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 })
const curve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })

test.each<[string, string | Buffer, 'pem' | 'jwk' | 'secret', string]>([
  ['no key', 'nonsense', 'pem', 'holds no public key or certificate in PEM'],
  [
    'a broken certificate',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    'pem',
    'holds no certificate in PEM',
  ],
  [
    'a private key',
    ed25519.privateKey.export({ format: 'pem', type: 'pkcs8' }),
    'pem',
    'holds a private key, which has no business here',
  ],
  [
    'a private JWK',
    JSON.stringify(ed25519.privateKey.export({ format: 'jwk' })),
    'jwk',
    'holds a private key, which has no business here',
  ],
  [
    'a weak RSA key',
    publicPem(rsa1024.publicKey),
    'pem',
    'holds an RSA key of 1024 bits: it needs at least 2048',
  ],
  [
    'a curve of its own',
    publicPem(curve.publicKey),
    'pem',
    'holds a key of the kind ec that no algorithm here uses',
  ],
  ['no JSON', '{', 'jwk', 'holds no JSON'],
  ['a list', '[]', 'jwk', 'is no JWK, nor a set of them'],
  ['a set without it', '{"keys":[{"kid":"else"}]}', 'jwk', 'has no key with the kid k'],
  ['a JWK of nothing', '{"kty":"RSA"}', 'jwk', 'holds no JWK that is understood'],
  ['a short secret', 'short', 'secret', 'holds a secret of 5 bytes: it needs at least 16'],
])('a file that cannot be used: %s', async (_name, content, kind, why) => {
  const path = files({ file: content })('file')
  await expect(auditing({ keys: [{ id: 'k', [kind]: path }] })).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining(`receivers.audit.keys[0].${kind}: ${path} ${why}`),
  })
})

test('a file that is not there', async () => {
  await expect(auditing({ keys: [{ id: 'k', pem: '/nowhere/k.pem' }] })).rejects.toMatchObject({
    code: 'config_unreadable',
    message: 'receivers.audit.keys[0].pem: /nowhere/k.pem cannot be read (ENOENT)',
  })
})

test('a proof is over the record alone: what else its request says does not matter', () => {
  const digest = (sent: RequestObject) => createHash('sha256').update(signedBytes(sent)).digest('hex')
  const plain = digest(one)
  expect(digest(own)).toBe(plain)
  expect(
    digest({ ...one, severityNumber: 9, severityText: 'INFO', flags: 1, droppedAttributesCount: 3 }),
  ).toBe(plain)
  expect(digest({ ...one, traceId: '00'.repeat(16), body: {} })).toBe(plain)
  expect(digest({ ...one, body: text('') })).not.toBe(plain)
})

test('keys that are replaced count from the next request on; what cannot be used leaves the old ones', async () => {
  const directory = new WorkDirectory()
  onTestFinished(() => directory[Symbol.dispose]())
  const put = (text: string) => renameSync(directory.write('new', text), directory.at('secret'))
  const [before, after] = ['the first of two secrets', 'the second of two secrets'] as const
  put(before)
  const keys = [
    { id: 'turns', secret: directory.at('secret'), default: true },
    { id: 'stays', pem: directory.write('k.pem', publicPem(ed25519.publicKey)) },
  ]
  // Time that passes a hundred times as fast between two looks.
  const sleep: Clock['sleep'] = (ms, signal) => systemClock.sleep(ms === 1_000 ? 10 : ms, signal)
  const { json, notices, metrics } = await auditing({ keys }, undefined, { ...systemClock, sleep })
  let count = 0
  const sendingBy = async (secret: string) => {
    const sent = record(++count)
    return (await json(request([signed(sent, hmacOf(sent, secret))], by('HMAC-SHA256')))).status
  }
  const told = () => notices.filter(({ kind }) => kind.startsWith('keys'))
  expect(await sendingBy(before)).toBe(200)

  put(after)
  await until('the new key', () => told().length === 1)
  expect(told()[0]).toEqual({ kind: 'keys_loaded', receiver: 'audit', keys: ['turns'] })
  expect(await sendingBy(after)).toBe(200)
  expect(await sendingBy(before)).toBe(400)

  put('short')
  await until('the refusal', () => told().length === 2)
  const reason = expect.stringMatching(/^receivers\.audit\.keys\[0\]\.secret: .* a secret of 5 bytes/)
  expect(told()[1]).toEqual({ kind: 'keys_refused', receiver: 'audit', reason })
  expect(await sendingBy(after)).toBe(200)
  expect((await metrics.auditKeyLoads.get()).values).toMatchObject([
    { labels: { result: 'loaded' }, value: 1 },
    { labels: { result: 'refused' }, value: 1 },
  ])
})

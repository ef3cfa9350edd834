// Tokens are made with jose, which verifies them beside us.
import { renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { enrichConfig } from '../../../src/attribution/enrich/config.ts'
import { type JwtSpec, jwtEnricher } from '../../../src/attribution/enrich/jwt.ts'
import { WatchedFiles } from '../../../src/attribution/enrich/watched-file.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, lines, mapOne, spec } from '../../normalise/normalising.ts'
import { scratchDirectory } from '../../scratch-directory.ts'

const directory = scratchDirectory('jwt')

function file(name: string, keys: readonly JWK[]): string {
  const path = join(directory, name)
  writeFileSync(`${path}.new`, JSON.stringify({ keys }))
  renameSync(`${path}.new`, path)
  return path
}

const claims = {
  sub: 'u_1',
  iss: 'https://id.example',
  aud: ['shop', 'billing'],
  jti: 't-17',
  sid: 's-4',
  scope: 'orders:read orders:write',
  email: 'ada@example.com',
  azp: 'web',
  amr: ['pwd', 'mfa'],
}
const keyed = async (alg: string, kid?: string) => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), ...(kid && { kid }) } }
}
const signed = (alg: string, key: Parameters<SignJWT['sign']>[0], payload: object = claims, kid = 'k1') =>
  new SignJWT({ ...payload }).setProtectedHeader({ alg, kid }).sign(key)

function ask(spec: JwtSpec, event: Record<string, unknown>, files = new WatchedFiles()) {
  const { additions, ...rest } = jwtEnricher(spec, files).additionsFor(event)
  return { set: Object.fromEntries(additions.map(({ member, value }) => [member, value])), ...rest }
}
const within = (token: string) => ({ unmapped: { authorization: `Bearer ${token}` } })
const token = 'unmapped.authorization'

test('what claims say, and that nobody has verified it', async () => {
  const { privateKey } = await keyed('EdDSA')
  const text = await signed('EdDSA', privateKey)
  expect(ask({ token }, within(text))).toEqual({
    set: {
      'actor.email': 'ada@example.com',
      'actor.id': 'u_1',
      'actor.type': 'user',
      'credential.id': 't-17',
      'credential.issuer': 'https://id.example',
      'credential.mfa': true,
      'credential.scopes': ['orders:read', 'orders:write'],
      'credential.type': 'jwt',
      'metadata.jwt': { kid: 'k1', verified: false },
      'session.id': 's-4',
      'source.application': 'web',
    },
    secrets: [text],
    warning: undefined,
  })
})

test('the chain of act claims: who acted first comes first, who acts now last', () => {
  const act = { sub: 'gateway', act: { client_id: 'web', act: { sub: 'mobile' } } }
  const { set } = ask({ claims: 'metadata.claims' }, { metadata: { claims: { sub: 'u_1', act } } })
  expect(set.delegation).toEqual([
    { id: 'mobile', mechanism: 'token_exchange', type: 'unknown' },
    { id: 'web', mechanism: 'token_exchange', type: 'service' },
    { id: 'gateway', mechanism: 'token_exchange', type: 'unknown' },
  ])
  expect(JSON.stringify(set.delegation)).toMatch(/^\[\{"id":"mobile","mechanism":/)
})

test('a client in its own name is a service', () => {
  const { set } = ask({ claims: 'metadata.c' }, { metadata: { c: { sub: 'cron', client_id: 'cron' } } })
  expect(set).toMatchObject({ 'actor.id': 'cron', 'actor.type': 'service' })
  expect(set).not.toHaveProperty(['source.application'])
})

describe('with keys', () => {
  test.each(['RS256', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])('%s', async (alg) => {
    const [mine, other] = [await keyed(alg, 'k1'), await keyed(alg, 'k1')]
    const jwks = file(`${alg}.json`, [mine.jwk])
    const good = ask({ token, jwks }, within(await signed(alg, mine.privateKey)))
    expect(good.set).toMatchObject({ 'actor.id': 'u_1', 'metadata.jwt': { kid: 'k1', verified: true } })
    const forged = await signed(alg, other.privateKey)
    expect(ask({ token, jwks }, within(forged))).toEqual({
      set: {},
      secrets: [forged],
      warning:
        'the token in unmapped.authorization is signed by none of the keys of `jwks`: its claims are not used',
    })
  })

  test('neither no signature nor one made with the public key as a secret', async () => {
    const { jwk } = await keyed('RS256', 'k1')
    const jwks = file('confused.json', [jwk])
    const none = new UnsecuredJWT(claims).encode()
    const secret = new TextEncoder().encode(JSON.stringify(jwk).padEnd(64))
    const hmac = await signed('HS256', secret)
    for (const text of [none, hmac]) expect(ask({ token, jwks }, within(text)).set).toEqual({})
  })

  test('a key signs with its own algorithm only, and under its own id', async () => {
    const [mine, other] = [await keyed('RS256', 'k2'), await keyed('RS512', 'k3')]
    const jwks = file('own.json', [mine.jwk, { ...other.jwk, alg: 'RS256' }])
    expect(ask({ token, jwks }, within(await signed('RS256', mine.privateKey, claims, 'k1'))).set).toEqual({})
    expect(ask({ token, jwks }, within(await signed('RS512', other.privateKey, claims, 'k3'))).set).toEqual(
      {},
    )
    expect(
      ask({ token, jwks }, within(await signed('RS256', mine.privateKey, claims, 'k2'))).set,
    ).not.toEqual({})
  })

  test('keys that are not understood are passed over with a note', async () => {
    const { privateKey, jwk } = await keyed('ES256', 'k1')
    const others = [
      { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA' },
      { kty: 'oct', k: 'c2VjcmV0' },
      { kty: 'RSA', n: 'x' },
      { ...jwk, use: 'enc' },
      { ...jwk, alg: 'RS256' },
      null as unknown as JWK,
    ]
    const jwks = file('mixed.json', [...others, jwk])
    const files = new WatchedFiles()
    const { set } = ask({ token, jwks }, within(await signed('ES256', privateKey)), files)
    expect(set).toMatchObject({ 'actor.id': 'u_1', 'metadata.jwt': { verified: true } })
    expect(files.loaded[0]?.notes).toEqual([
      'keys[0] is no public key that is understood (kty "AKP")',
      'keys[1] is a shared secret: tokens are verified with public keys',
      'keys[2] is no public key that is understood (kty "RSA")',
      'keys[3] is not for signatures (use)',
      'keys[4] signs with no algorithm that is understood (alg "RS256")',
      'keys[5] is no object',
    ])
    file('mixed.json', [jwk, { kty: 'oct', k: 'c2VjcmV0' }])
    expect((await files.look())[0]?.notes).toEqual([expect.stringMatching(/^keys\[1\] is a shared/)])
    expect(() => ask({ token, jwks: file('others.json', others) }, {})).toThrow(
      /others\.json: has no key to verify a token with: keys\[0\] is no public key.*keys\[1\] is a shared secret/,
    )
    expect(() => ask({ token, jwks: file('empty.json', []) }, {})).toThrow(
      /has no key to verify a token with$/,
    )
    writeFileSync(join(directory, 'none.json'), '{}')
    expect(() => ask({ token, jwks: join(directory, 'none.json') }, {})).toThrow(/none\.json: is no JWKS/)
  })

  test('a token with extensions that must be understood is refused', async () => {
    const { privateKey, jwk } = await keyed('ES256', 'k1')
    const jwks = file('crit.json', [jwk])
    const text = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', crit: ['exp'], exp: 1 })
      .sign(privateKey, { crit: { exp: true } })
    for (const spec of [{ token, jwks }, { token, jwks, require_verified: false }, { token }]) {
      expect(ask(spec, within(text))).toEqual({
        set: {},
        secrets: [text],
        warning:
          'the token in unmapped.authorization has extensions (`crit`) that are not understood: its claims are not used',
      })
    }
  })

  test('keys that change, from a server: until there are some, nothing is believed', async () => {
    const [first, second] = [await keyed('ES256', 'k1'), await keyed('ES256', 'k1')]
    let body = JSON.stringify({ keys: [first.jwk] })
    await using server = createServer((_request, answer) => answer.end(body))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
    const files = new WatchedFiles()
    const { additionsFor } = jwtEnricher({ token, jwks }, files)
    const event = within(await signed('ES256', first.privateKey))
    expect(additionsFor(event).additions).toEqual([])
    expect(await files.fetched()).toEqual([])
    expect(additionsFor(event).additions).not.toEqual([])
    expect(files.loaded).toMatchObject([{ path: jwks }])
    body = JSON.stringify({ keys: [second.jwk] })
    // Not before its time.
    expect(await files.look()).toEqual([])
    expect(additionsFor(event).additions).not.toEqual([])
  })

  test('a server that fails is told of', async () => {
    await using server = createServer((_request, answer) => answer.writeHead(503).end())
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
    const files = new WatchedFiles()
    jwtEnricher({ token, jwks }, files)
    expect(await files.fetched()).toEqual([
      { path: jwks, sha256: undefined, problem: `${jwks}: the answer was 503` },
    ])
  })
})

describe('a token of another than the actor', () => {
  const act = { sub: 'svc', act: { sub: 'svc2' } }
  const warning = /was issued to another than the record's actor: its claims are not used$/

  test('says nothing of its chain, credential and session, verified or not', async () => {
    const { privateKey, jwk } = await keyed('EdDSA', 'k1')
    const text = await signed('EdDSA', privateKey, { ...claims, act })
    const jwks = file('anothers.json', [jwk])
    for (const spec of [{ token }, { token, jwks }]) {
      const found = ask(spec, { ...within(text), actor: { id: 'u_3', type: 'user' } })
      expect(found).toEqual({
        set: { 'actor.id': 'u_1' },
        secrets: [text],
        warning: expect.stringMatching(warning),
      })
      const own = ask(spec, { ...within(text), actor: { id: 'u_1', type: 'user' } })
      expect(own.set).toMatchObject({ 'credential.id': 't-17', delegation: [{ id: 'svc2' }, { id: 'svc' }] })
      expect(own.warning).toBeUndefined()
    }
  })

  test('nor do its claims, and the event lists the conflict', () => {
    const enrich = enrichConfig.parse([{ jwt: { claims: 'unmapped.claims' } }])
    const record = { user: 'u_3', event: 'order.refund', claims: { ...claims, act } }
    const event = mapOne({ preset: 'json' }, record, { enrich })
    expect(event).toMatchObject({
      actor: { id: 'u_3' },
      attribution: { conflicts: ['actor.id'] },
      quality: { warnings: [expect.stringMatching(warning)] },
    })
    for (const member of ['delegation', 'credential', 'session', 'metadata'])
      expect(event).not.toHaveProperty(member)
  })
})

test('a list: its first token is read, and all of it is hashed, in the record as it came, too', async () => {
  const { privateKey } = await keyed('EdDSA')
  const [text, second] = [
    await signed('EdDSA', privateKey),
    await signed('EdDSA', privateKey, { sub: 'u_2' }),
  ]
  const authorization = ['Basic YWRhOnNlY3JldA==', `Bearer ${text}`, `Bearer ${second}`]
  const enrich = enrichConfig.parse([{ jwt: { token: 'unmapped.headers.authorization' } }])
  const record = { event: 'a.list', headers: { authorization }, note: text }
  const batch = lines(
    compileNormaliser(spec({ preset: 'json' }, { enrich, raw: 'full' })),
    `${JSON.stringify(record)}\n`,
  )
  expect(eventsOf(batch)).toMatchObject([{ actor: { id: 'u_1' }, metadata: { jwt: { verified: false } } }])
  for (const kept of [batch.payload, batch.raw]) {
    const written = Buffer.from(kept!).toString()
    expect(written).toContain('a.list')
    for (const part of [text, second, 'YWRhOnNlY3JldA']) expect(written).not.toContain(part)
  }
  const none = ask({ token }, { unmapped: { authorization: ['Basic YWRhOnNlY3JldA==', 7] } })
  expect(none).toMatchObject({ set: {}, secrets: ['Basic YWRhOnNlY3JldA=='] })
  expect(none.warning).toMatch(/is no signed JWT$/)
  expect(ask({ token }, { unmapped: { authorization: [] } })).toEqual({ set: {} })
})

describe('a token and a record that name differently', () => {
  const of = (c: object, event: object) => ask({ claims: 'unmapped.c' }, { unmapped: { c }, ...event })
  const { sub: _, ...anonymous } = claims

  test.each([{ id: 'bob' }, { name: 'Bob' }, { email: 'bob@example.com' }])(
    'a token without subject says nothing of %j',
    (actor) => {
      expect(of(anonymous, { actor: { ...actor, type: 'user' } })).toEqual({
        set: {},
        warning: expect.stringMatching(/has no subject \(`sub`\) to tell/),
      })
    },
  )

  test('without an actor it says what it does', () => {
    expect(of(anonymous, { actor: { type: 'unknown' } }).set).toMatchObject({
      'actor.email': claims.email,
      'credential.id': 't-17',
    })
  })

  test('an address of mail tells where the record has no id', () => {
    expect(of(claims, { actor: { email: 'eve@example.com' } })).toMatchObject({
      set: { 'actor.email': claims.email },
      warning: expect.stringMatching(/was issued to another/),
    })
    for (const actor of [{ email: 'ADA@example.com' }, { id: 'u_1', email: 'ada@old.example' }])
      expect(of(claims, { actor }).set).toMatchObject({ 'actor.id': 'u_1', 'session.id': 's-4' })
  })

  test.each([
    [{ id: 'key_9' }, claims, { 'credential.id': 't-17' }],
    [{ id: 'key_9' }, { sub: 'u_1', iss: 'i' }, {}],
    [{ type: 'api_key' }, claims, { 'credential.type': 'jwt' }],
    [{ id: 't-17', issuer: 'other' }, claims, { 'credential.issuer': claims.iss }],
  ])('the credential %j stays what it is', (credential, c, conflicting) => {
    const { set } = of(c, { credential })
    expect(Object.fromEntries(Object.entries(set).filter(([name]) => name.startsWith('credential')))).toEqual(
      conflicting,
    )
    expect(set).toMatchObject({ 'actor.id': 'u_1' })
  })

  test('the same credential is completed', () => {
    expect(of(claims, { credential: { id: 't-17' } }).set).toMatchObject({
      'credential.issuer': claims.iss,
      'credential.type': 'jwt',
    })
  })
})

test('whether a signature is required', async () => {
  const [mine, other] = [await keyed('EdDSA', 'k1'), await keyed('EdDSA', 'k1')]
  const jwks = file('required.json', [mine.jwk])
  const forged = within(await signed('EdDSA', other.privateKey))
  expect(ask({ token, jwks, require_verified: true }, forged).set).toEqual({})
  expect(ask({ token, jwks, require_verified: false }, forged)).toMatchObject({
    set: { 'actor.id': 'u_1', 'metadata.jwt': { verified: false } },
    warning: 'the token in unmapped.authorization is signed by none of the keys of `jwks`',
  })
  const good = within(await signed('EdDSA', mine.privateKey))
  expect(ask({ token, jwks, require_verified: false }, good)).toMatchObject({
    set: { 'metadata.jwt': { verified: true } },
    warning: undefined,
  })
})

test('another issuer, another audience, and an expired token', async () => {
  const { privateKey } = await keyed('EdDSA')
  const text = await signed('EdDSA', privateKey, { ...claims, exp: 1_700_000_000 })
  const event = { ...within(text), time: '2026-11-30T00:00:00.000000000Z' }
  expect(ask({ token, issuer: ['https://other'] }, event).warning).toMatch(/is of another issuer/)
  expect(ask({ token, audience: ['hr'] }, event).warning).toMatch(/is for another audience/)
  const expired = ask({ token, issuer: ['https://id.example'], audience: ['billing'] }, event)
  expect(expired.warning).toBe('the token in unmapped.authorization had expired')
  expect(expired.set).toMatchObject({ 'actor.id': 'u_1' })
  expect(ask({ token }, { ...event, time: '2023-01-01T00:00:00.000000000Z' }).warning).toBeUndefined()
})

test('a token that was not valid yet, but for what clocks differ by', async () => {
  const { privateKey } = await keyed('EdDSA')
  const text = await signed('EdDSA', privateKey, { ...claims, nbf: 1_700_000_000 })
  const at = (time: string) => ask({ token }, { ...within(text), time })
  const early = at('2023-11-14T22:12:19.000000000Z')
  expect(early.warning).toBe('the token in unmapped.authorization was not valid yet')
  expect(early.set).toMatchObject({ 'actor.id': 'u_1' })
  expect(at('2023-11-14T22:12:20.000000000Z').warning).toBeUndefined()
})

test.each(['abc', 'a.b.c', 'eyJhbGciOiJub25lIn0.W10.', `${'x'.repeat(40)}`, '..'])(
  '%s is no token',
  (text) => {
    const { set, warning } = ask({ token }, within(text))
    expect(set).toEqual({})
    expect(warning).toBe('the token in unmapped.authorization is no signed JWT')
    expect(ask({ token }, {})).toEqual({ set: {} })
  },
)

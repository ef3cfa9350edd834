import { randomBytes, randomInt } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createKeyedHash } from '../../src/attribution/keyed-hash.ts'
import { looksSecret } from '../../src/attribution/secret-forms.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, mapOne, spec, testKeys } from '../normalise/normalising.ts'

const secrets = [
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJldmUifQ.c2lnbmF0dXJl',
  'Bearer 0123456789abcdef',
  'basic dXNlcjpwYXNz',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
  'github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz',
  'xoxb-123456789012-abcdefghijkl',
  'sk_live_abcdefgh12345678',
  'glpat-abcdefghij1234567890',
  'hvs.CAESIAbcdefghijklmnopqrstuvwx',
  's.abcdefghijklmnopqrstuvwx',
  'AIzaSyA-abcdefghijklmnopqrstuvwxyz01234',
  'abc8Q~abcdefghijklmnopqrstuvwxyz0123456789',
  '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----',
  'https://eve:hunter2@git.example/x',
  '/callback?access_token=abcdef123456',
  'Bearer abc',
  'Bearer abcdefghijklmnopqrstuvwxyz',
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7',
  'MIIEowIBAAKCAQEAwhvqCC37A4UXgcvDl+7nbVjD',
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg',
  'k3j9x0q2m7v1z8w4b6n5c3h0y2t9r1p7',
  'k3j9x0q2m7v1z8w4b6n5c3h0y2t9r1p7d5f8g6l4s0a',
  'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPGE2TMNBZ',
]

/** As the systems that Affiant reads write ids of credentials and sessions. */
const ids = [
  'AKIAIOSFODNN7EXAMPLE',
  'ASIATFQR7NSCWFKWOWVD',
  'AROATFQR7NSCRR66DMFTC:SLRManagement',
  'idxvF50v_5sT2-GOA7_K0Amyw',
  'trsxcsf59kYRG-GwAbWjw-PZA',
  'CXXXXXXXXXXXXXXXXXXXXX',
  '00T1bjatrp6Nl1dOc5d7',
  'EjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJCrze8=',
  'SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8',
  'hmac-sha256:63fcb1d0f4a0a4ee8f3ac7f2ff02d1e3bd0a67fd5a7ee3b9d5c3a3d2f2b1c0ab',
  'JTI=2e6389af-b8bc-4c26-92d2-714fbe9cb4fa',
  'X509SHA256=63fcb1d0f4a0a4ee8f3ac7f2ff02d1e3bd0a67fd5a7ee3b9d5c3a3d2f2b1c0ab',
  'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0a1b2c3d4e5f6a7b/eve@example.com',
  '//iam.googleapis.com/projects/p/serviceAccounts/a@p.iam.gserviceaccount.com/keys/63fcb1d0f4a0a4ee8f3ac7f2ff02d1e3bd0a67fd',
  'trrtcc:52d81da9-9ef8-4d4b-b7a5-0c3e2d4f5a6b',
  '6543a1b2.1f2c',
  'https://oidc.eks.eu-west-1.amazonaws.com/id/D4C7A6B2F0E14B3C9A8D7E6F5A4B3C2D',
  'system:serviceaccount:kube-system:replicaset-controller',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOtAlK45MAEWZ7MUY2QEmi3M6W+peGL3VCrc0qH54xRu',
  '4294967295',
  'bearer token',
  'Basic auth',
  '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  '123456789012-k3j9x0q2m7v1z8w4b6n5c3h0y2t9r1p7.apps.googleusercontent.com',
  '1h57kf5cpq17m0eml12example',
  'awsreservedssoadministratoraccess2026',
  'ip-10-0-3-62.eu-west-1.compute.internal',
  'projects/p/locations/eu/workloadIdentityPools/pool1/subject/service2',
  'CN=eve,OU=Finance Department,O=Example Incorporated,L=Berlin,C=DE',
]

describe('what looks like a secret', () => {
  test.each(secrets)('%s does', (text) => expect(looksSecret(text)).toBe(true))
  test.each(ids)('%s does not', (text) => expect(looksSecret(text)).toBe(false))

  test('random base64 of 24 bytes and more does, but for what SHA-256 takes', () => {
    for (const [bytes, most] of [
      [24, 60],
      [30, 20],
      [48, 5],
    ] as const) {
      const missed = Array.from({ length: 1_000 }, () => randomBytes(bytes).toString('base64')).filter(
        (text) => !looksSecret(text),
      )
      expect(missed.length, String(bytes)).toBeLessThan(most)
    }
    expect(looksSecret(randomBytes(32).toString('base64'))).toBe(false)
  })

  test.each([32, 43, 44, 64, 88])('random letters of one case and digits do: %i characters', (length) => {
    const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
    const random = () => Array.from({ length }, () => letters[randomInt(36)]).join('')
    const missed = Array.from({ length: 1_000 }, random).filter((text) => !looksSecret(text))
    expect(missed.length).toBeLessThan(25)
    expect(looksSecret(random().toUpperCase()) || looksSecret(random().toUpperCase())).toBe(true)
  })

  test('hex digits never do', () => {
    for (const bytes of [16, 20, 24, 32, 44, 64])
      expect(looksSecret(randomBytes(bytes).toString('hex'))).toBe(false)
  })
})

const secret = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'
const hashed = createKeyedHash(testKeys)(secret)
const mapping = {
  'credential.id': 'key',
  'credential.scopes': 'scopes',
  'session.id': 'session',
  delegation: [{ id: 'role', mechanism: { const: 'assume_role' }, credential_id: 'key' }],
  message: 'text',
}

test('it is taken out of the ids, and of everything else that says it', () => {
  const record = {
    key: secret,
    role: 'admin',
    scopes: ['repo', secret],
    text: `used ${secret}`,
    headers: { authorization: `token ${secret}`, [secret]: 1 },
  }
  const event = mapOne(mapping, record)
  expect(JSON.stringify(event)).not.toContain(secret)
  expect(invalid(event)).toBeUndefined()
  expect(event).toMatchObject({
    credential: { id: hashed, scopes: ['repo', hashed] },
    delegation: [{ credential_id: hashed, id: 'admin' }],
    message: `used ${hashed}`,
    unmapped: { headers: { [hashed]: 1, authorization: `token ${hashed}` } },
    quality: {
      parse: 'ok',
      warnings: [
        'credential.id looked like a secret: its keyed hash stands in its place',
        'credential.scopes[1] looked like a secret: its keyed hash stands in its place',
        'delegation[0].credential_id looked like a secret: its keyed hash stands in its place',
      ],
    },
  })
  expect(event.redactions).toContainEqual({ method: 'hash', path: 'credential.id', rule: 'credential_guard' })
})

test('the record as it came is kept without it; ids stay as they are', () => {
  const text = JSON.stringify({ key: secret, text: 'hello' })
  const normaliser = compileNormaliser(spec(mapping, { raw: 'full' }))
  const batch = lines(normaliser, `${text}\n${JSON.stringify({ key: ids[0], session: ids[3] })}\n`)
  const raw = Buffer.from(batch.raw).toString()
  expect(raw).not.toContain(secret)
  expect(raw).toContain('"text":"hello"')
  const [, second] = eventsOf(batch)
  expect(second).toMatchObject({ credential: { id: ids[0] }, session: { id: ids[3] } })
  expect(second).not.toHaveProperty('redactions')
})

test('the short way never copies one', () => {
  const line = (key: string, text: string) =>
    JSON.stringify({ event: 'repo.read', user: 'eve', api_key_id: key, message: text, session_id: 's' })
  const texts = Array.from({ length: 300 }, (_, n) =>
    n % 5 === 3 ? line(secret, `used ${secret}`) : line(`key-${n}`, `by ${n}`),
  )
  const short = compileNormaliser(spec({ preset: 'json' }))
  const general = compileNormaliser(spec({ preset: 'json' }), { stencils: false })
  const input = `${texts.join('\n')}\n`
  for (let round = 0; round < 4; round++) {
    const payload = Buffer.from(lines(short, input).payload)
    expect(payload.equals(lines(general, input).payload)).toBe(true)
    expect(payload.includes(secret)).toBe(false)
  }
  expect(short.served).toBeGreaterThan(900)
})

import { expect, test } from 'vitest'
import { otlpReceiverConfig } from '../../../src/receivers/otlp/config.ts'
import { hashPassword } from '../../../src/receivers/server/password-hash.ts'

const password = await hashPassword('secret')

test('the type alone is enough', () => {
  expect(otlpReceiverConfig.parse({ type: 'otlp' })).toEqual({
    type: 'otlp',
    http: {
      listen: { host: '127.0.0.1', port: 4318 },
      insecure: false,
      timeout: 60_000,
      max_connections: 1024,
    },
    max_body: 67_108_864,
    max_in_flight: 134_217_728,
    duplicates: { window: 3_600_000, max_ids: 500_000 },
    enrich: [],
    preset: 'otlp',
    raw: 'none',
    redact: [],
  })
})

test('a hash may end in a newline and be in capitals, as files and tools have it', () => {
  const bearer = [{ id: 'checkout', hash: `${'AB'.repeat(32)}\n` }]
  expect(otlpReceiverConfig.parse({ type: 'otlp', auth: { bearer } }).auth?.bearer?.[0]?.hash).toBe(
    'ab'.repeat(32),
  )
})

test.each([
  [{ http: { port: 4318 } }, 'port'],
  [{ http: { listen: 'localhost' } }, 'host:port'],
  [{ max_body: '100MiB' }, 'at least twice max_body'],
  [{ max_body: 100 }, 'expected string'],
  [{ auth: { bearer: [] } }, 'Too small'],
  [{ auth: { bearer: [{ id: 'a', hash: 'the token itself' }] } }, 'SHA-256'],
  [
    {
      auth: {
        bearer: [
          { id: 'a', hash: '0'.repeat(64) },
          { id: 'a', hash: '1'.repeat(64) },
        ],
      },
    },
    'same id',
  ],
  [
    { auth: { bearer: [{ id: 'a', hash: '0'.repeat(64) }], basic: [{ user: 'a', hash: password }] } },
    'a user or a certificate has the name of another',
  ],
  [{ auth: { bearer: [{ id: 'a', hash: '0'.repeat(64), allow_scopes: ['acme'] }] } }, 'levels from the root'],
  [{ auth: { bearer: [{ id: 'a', hash: '0'.repeat(64), allow_scopes: [] }] } }, 'Too small'],
])('%j is refused', (settings, message) => {
  const { error } = otlpReceiverConfig.safeParse({ type: 'otlp', ...settings })
  expect(JSON.stringify(error?.issues)).toContain(message)
})

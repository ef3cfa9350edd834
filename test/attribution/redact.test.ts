import { expect, test } from 'vitest'
import { attributionConfig, hashKeysConfig, redactConfig } from '../../src/attribution/config.ts'
import { createKeyedHash } from '../../src/attribution/keyed-hash.ts'
import { compileRedaction } from '../../src/attribution/redact.ts'
import { mapOne, testKeys } from '../normalise/normalising.ts'

test('by name, in any case; the first rule decides', () => {
  const redactionOf = compileRedaction([
    { key: ['Password'], method: 'drop' },
    { key: ['password', 'token'], method: 'mask' },
  ])!
  expect(redactionOf('PASSWORD')).toEqual({ method: 'drop', rule: 'key:password' })
  expect(redactionOf('token')).toEqual({ method: 'mask', rule: 'key:token' })
  expect(redactionOf('user')).toBeUndefined()
  expect(compileRedaction([])).toBeUndefined()
})

test('at any depth, in every free-form member, and by no path', () => {
  const event = mapOne(
    {
      'actor.id': ['secret', 'user'],
      'metadata.request': 'request',
      'metadata.token': 'x.y',
      targets: [{ id: 'id', attributes: { a: 'deep' } }],
      changes: [{ each: 'changes', path: 'field', old: 'from', new: 'to' }],
    },
    {
      secret: 's1',
      user: 'u',
      id: 't',
      request: { headers: [{ Token: 's2', ok: 1 }] },
      x: { y: 's3' },
      deep: { a: { SECRET: 's4' } },
      changes: [{ field: 'user.token', from: 's5', to: 's6' }],
      rest: { list: [[{ token: 's7' }]] },
    },
    { redact: [{ key: ['secret', 'token'], method: 'mask' }] },
  )
  expect(JSON.stringify(event)).not.toMatch(/s\d/)
  expect(event).toMatchObject({
    actor: { id: 'u' },
    metadata: { request: { headers: [{ Token: '***', ok: 1 }] } },
    changes: [{ path: 'user.token', old: '***', new: '***' }],
    unmapped: { secret: '***', rest: { list: [[{ token: '***' }]] } },
  })
  expect(event.redactions).toHaveLength(7)
  expect(event.redactions).toContainEqual({
    method: 'mask',
    path: 'unmapped.rest.list[0][0].token',
    rule: 'key:token',
  })
})

test('hashed: what no path can read belongs together all the same', () => {
  const redact = [{ key: ['mail', 'card'], method: 'hash' as const }]
  const records = [
    { mail: 'eve@example.com', deep: [{ card: 4111 }] },
    { other: { mail: 'eve@example.com', card: '4111' } },
    { card: { number: 4111 } },
  ]
  const [a, b, c] = records.map((record) => mapOne({ 'actor.id': 'mail' }, record, { redact }))
  expect(a).toMatchObject({
    unmapped: { mail: createKeyedHash(testKeys)('eve@example.com') },
    redactions: expect.arrayContaining([{ method: 'hash', path: 'unmapped.mail', rule: 'key:mail' }]),
  })
  const hashesIn = (event: unknown) =>
    JSON.stringify(event)
      .match(/hmac-sha256:test:[0-9a-f]{64}/g)
      ?.sort()
  expect(hashesIn(b)).toEqual(hashesIn(a))
  expect(c).toMatchObject({ unmapped: { card: createKeyedHash(testKeys)('{"number":4111}') } })
})

test('configuration', () => {
  expect(attributionConfig.parse(undefined).require.default).toContain('actor.id')
  expect(attributionConfig.parse({ require: { data: ['targets'] } }).require).toMatchObject({
    data: ['targets'],
  })
  expect(attributionConfig.safeParse({ require: { data: ['nope.x'] } }).success).toBe(false)
  expect(redactConfig.parse([{ key: 'token' }])).toEqual([{ key: ['token'], method: 'drop' }])
  expect(hashKeysConfig.parse(undefined)).toEqual([])
  const secret = Buffer.alloc(32, 7)
  const written = [
    { id: 'new', secret: secret.toString('base64') },
    { id: 'old', secret: secret.toString('hex') },
  ]
  expect(hashKeysConfig.parse(written)).toEqual(
    written.map(({ id }) => ({ id, secret: secret.toString('hex') })),
  )
  expect(hashKeysConfig.safeParse([...written, written[0]]).error?.issues[0]).toMatchObject({
    path: [2, 'id'],
    message: 'another key has the id new',
  })
  expect(hashKeysConfig.safeParse([{ id: 'short', secret: 'abc' }]).success).toBe(false)
})

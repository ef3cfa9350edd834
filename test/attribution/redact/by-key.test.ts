import { expect, test } from 'vitest'
import { attributionConfig, hashKeysConfig } from '../../../src/attribution/config.ts'
import { createKeyedHash } from '../../../src/attribution/keyed-hash.ts'
import { compileRedaction } from '../../../src/attribution/redact/by-key.ts'
import { redactConfig } from '../../../src/attribution/redact/config.ts'
import { mapOne, testKeys } from '../../normalise/normalising.ts'

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

test('hashed: the mapping reads the hash, so that what belongs together stays together', () => {
  const redact = [{ key: ['mail', 'card'], method: 'hash' as const }]
  const mapping = { 'actor.id': 'mail', message: { template: '{mail} paid' } }
  const hash = createKeyedHash(testKeys)
  const eve = hash('eve@example.com')
  const event = mapOne(mapping, { mail: 'eve@example.com', deep: [{ card: 4111 }] }, { redact })
  expect(event).toMatchObject({
    actor: { id: eve },
    message: `${eve} paid`,
    unmapped: { deep: [{ card: hash('4111') }] },
    redactions: [
      { method: 'hash', path: 'record.mail', rule: 'key:mail' },
      { method: 'hash', path: 'record.deep[0].card', rule: 'key:card' },
    ],
  })
  const whole = mapOne(mapping, { card: { number: 4111 } }, { redact })
  expect(whole).toMatchObject({ unmapped: { card: hash('{"number":4111}') } })
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

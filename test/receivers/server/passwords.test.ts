import { describe, expect, test } from 'vitest'
import { httpReceiverConfig } from '../../../src/receivers/http/config.ts'
import { createCredentials } from '../../../src/receivers/server/credentials.ts'
import { verifyPassword } from '../../../src/receivers/server/password-hash.ts'
import { Passwords } from '../../../src/receivers/server/passwords.ts'
import { listening } from '../http/listening.ts'
import { call, calling, method } from '../otlp/calling.ts'

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** The cheapest that is taken, of `pleaseletmein`: as Python's hashlib computes it, since salts of RFC 7914's cases are too short. */
const known = '$scrypt$ln=14,r=8,p=1$c29kaXVtY2hsb3JpZGU0MjE$gpyz93NYS3FNUbPjTjHL6eb+XuKR/Bt/cgjzlCpcNSA'
const ann = { user: 'ann', hash: known }

describe('a hash', () => {
  test('of another implementation is understood', async () => {
    expect(await verifyPassword('pleaseletmein', known)).toBe(true)
    expect(await verifyPassword('pleaseletmeout', known)).toBe(false)
  })

  test.each([
    '$scrypt$ln=13,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$ln=18,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$ln=15,r=8,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '0'.repeat(64),
  ])('%s is none that is taken', (hash) => {
    const { error } = httpReceiverConfig.safeParse({
      type: 'http',
      auth: { basic: [{ user: 'a', hash }] },
    })
    expect(error?.issues[0]).toMatchObject({
      path: ['auth', 'basic', 0, 'hash'],
      message: expect.stringContaining('affiant hash --password'),
    })
  })
})

test('a password is looked at once, however many ask at a time; who is known need not wait for guesses', async () => {
  const passwords = new Passwords([ann])
  const cpu = process.cpuUsage()
  await passwords.areRight('ann', 'pleaseletmein')
  const once = process.cpuUsage(cpu).user
  const again = process.cpuUsage()
  const all = await Promise.all(
    Array.from({ length: 1000 }, () => passwords.areRight('ann', 'pleaseletmein')),
  )
  expect(all.every(Boolean)).toBe(true)
  expect(process.cpuUsage(again).user).toBeLessThan(once)
  // Guesses wait for each other; she does not.
  const order: string[] = []
  const guess = passwords.areRight('ann', 'guess').then((isRight) => order.push(`guess ${isRight}`))
  await passwords.areRight('ann', 'pleaseletmein').then((isRight) => order.push(`ann ${isRight}`))
  await guess
  expect(order).toEqual(['ann true', 'guess false'])
})

test('of a flood of guesses most are told to come back', async () => {
  const passwords = new Passwords([ann])
  const guesses = await Promise.allSettled(
    Array.from({ length: 18 }, (_, n) => passwords.areRight('ann', `guess ${n}`)),
  )
  const refused = guesses.flatMap((guess) => (guess.status === 'rejected' ? [guess.reason] : []))
  expect(refused).toMatchObject([{ code: 'overloaded' }, { code: 'overloaded' }])
})

test.each([
  ['another user with her password', () => basic('bob', 'pleaseletmein')],
  ['a wrong password', () => basic('ann', 'please')],
  ['an empty one', () => basic('ann', '')],
  ['no pair', () => `Basic ${Buffer.from('ann').toString('base64')}`],
])('%s is nobody', async (_what, authorization) => {
  const credentials = createCredentials({ basic: [ann] })
  await expect(credentials.identify(authorization, undefined)).rejects.toMatchObject({
    code: 'unauthenticated',
  })
})

test('what is asked for is what is configured', async () => {
  const bearer = [{ id: 'a', hash: '0'.repeat(64) }]
  const both = createCredentials({ bearer, basic: [ann] })
  expect(both.challenges).toEqual(['Bearer', 'Basic realm="affiant", charset="UTF-8"'])
  await expect(both.identify(() => undefined, undefined)).rejects.toMatchObject({
    message: 'a bearer token or a user name with its password is required',
  })
  const password = () => basic('ann', 'pleaseletmein')
  await expect(createCredentials({ bearer }).identify(password, undefined)).rejects.toMatchObject({
    message: 'a bearer token is required',
  })
})

test('over HTTP: the user is in the record, and who is none is asked for both', async () => {
  const { post, intake } = await listening({ auth: { basic: [ann] } })
  const authorization = basic('ann', 'pleaseletmein')
  expect((await post('application/json', '{"a":1}', { authorization })).status).toBe(200)
  expect(intake.recordChunks[0]?.peer).toEqual({ ip: '127.0.0.1', auth_id: 'ann' })
  expect(intake.opened[0]?.metadata).toMatchObject({ authentication: 'basic' })
  const refused = await post('application/json', '{"a":1}', { authorization: basic('ann', 'x') })
  expect(refused.status).toBe(401)
  expect(refused.headers['www-authenticate']).toBe('Basic realm="affiant", charset="UTF-8"')
})

test('over gRPC', async () => {
  const { grpcPort, intake } = await calling({ auth: { basic: [ann] } })
  const target = `127.0.0.1:${grpcPort}`
  const as = (password: string) =>
    call(target, Buffer.alloc(0), { authorization: basic('ann', password) }, method, {})
  expect((await as('pleaseletmein')).code).toBe(0)
  expect((await as('wrong')).code).toBe(16)
  expect(intake.recordChunks).toEqual([])
})

// Keycloak's events, as several of its versions write them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeKeycloak } from '../../../src/normalise/decode/keycloak.ts'
import { seed } from '../../seed.ts'

const head = '2026-11-23 10:00:00,357 WARN  [org.keycloak.events] (executor-thread-1) '
const before = {
  time: '2026-11-23 10:00:00,357',
  level: 'WARN',
  logger: 'org.keycloak.events',
  thread: 'executor-thread-1',
}

test.each<[string, string, object]>([
  [
    'without quotes',
    `${head}type=LOGIN, realmId=r, userId=null, a-b=c d, e=`,
    { ...before, type: 'LOGIN', realmId: 'r', 'a-b': 'c d' },
  ],
  [
    'with quotes',
    `${head}type="LOGIN", userId="null", name="a, b=c", x="say \\"hi\\""`,
    { ...before, type: 'LOGIN', name: 'a, b=c', x: 'say "hi"' },
  ],
  [
    'a value with a comma',
    `${head}type=LOGIN, name=a, b, c=d`,
    { ...before, type: 'LOGIN', name: 'a, b', c: 'd' },
  ],
  [
    'a quote that is not closed',
    `${head}type="LOGIN", name="a, b`,
    { ...before, type: 'LOGIN', name: 'a, b' },
  ],
  ['another line of the log', `${head}Failed, a=b`, { ...before, message: 'Failed, a=b' }],
  [
    'no thread',
    '2026-11-23T10:00:00.357Z INFO [x] type=LOGIN',
    { time: '2026-11-23T10:00:00.357Z', level: 'INFO', logger: 'x', type: 'LOGIN' },
  ],
  [
    'a line of JSON',
    '{"timestamp":"2026-11-23T10:00:00Z","loggerName":"org.keycloak.events","message":"type=\\"LOGIN\\", realmId=\\"r\\""}',
    { timestamp: '2026-11-23T10:00:00Z', loggerName: 'org.keycloak.events', type: 'LOGIN', realmId: 'r' },
  ],
  ['an event as JSON', '{"type":"LOGIN","details":{"a":"b"}}', { type: 'LOGIN', details: { a: 'b' } }],
])('%s', (_, line, value) => {
  expect(decodeKeycloak(line)).toEqual({ ok: true, value, warnings: [] })
})

test('of a field that comes again the first counts, and nothing is lost', () => {
  expect(decodeKeycloak(`${head}type=LOGIN, userId=u1, username=x, userId=admin, time=0`)).toEqual({
    ok: true,
    value: {
      ...before,
      type: 'LOGIN',
      userId: 'u1',
      username: 'x',
      repeated: { userId: 'admin', time: '0' },
    },
    warnings: ['the first of several values is kept: userId', 'the first of several values is kept: time'],
  })
})

test('what is none', () => {
  expect(decodeKeycloak('type=LOGIN')).toMatchObject({ ok: false })
  expect(decodeKeycloak('{')).toMatchObject({ ok: false })
})

test(`whatever the text: an answer, in time (seed ${seed})`, () => {
  const piece = fc.constantFrom(head, 'type=', '"', ', ', 'a=', '\\"', '__proto__=1', 'null', 'é')
  const text = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((all) => all.join('')),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(text, (some) => void JSON.stringify(decodeKeycloak(some))),
    { seed, numRuns: 300 },
  )
  const start = performance.now()
  for (const part of [', ', ', a=b', '\\"', '=', 'a']) decodeKeycloak(`${head}type="x${part.repeat(200_000)}`)
  for (const part of [', ', ', a=b', '\\"', '=', 'a']) decodeKeycloak(`${head}type=x${part.repeat(50_000)}`)
  expect(performance.now() - start).toBeLessThan(3_000)
})

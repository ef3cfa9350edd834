import { expect, test } from 'vitest'
import { hecCodes } from '../../../src/receivers/splunk_hec/codes.ts'
import { hecCodes as documented } from '../../sinks/splunk_hec/hec-codes.ts'
import { send } from '../otlp/listening.ts'
import { bearer, listening, success } from './listening.ts'

const auth = { bearer: [bearer('billing', 'b3c0ffee-token')] }
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test.each([
  ['Splunk b3c0ffee-token'],
  ['splunk  b3c0ffee-token'],
  ['Bearer b3c0ffee-token'],
  [basic('x:b3c0ffee-token')],
  [basic(':b3c0ffee-token')],
])('%s is let in, and known by its id', async (authorization) => {
  const { post, intake } = await listening({ auth })
  expect(await post('/event', '{"event":1}', { authorization })).toEqual(success)
  expect(intake.recordChunks[0]?.peer).toMatchObject({ auth_id: 'billing', ip: '127.0.0.1' })
})

test.each([
  ['no header', undefined, 401, 'Token is required', 2],
  ['no token', 'Splunk', 401, 'Invalid authorization', 3],
  ['another scheme', 'Digest abc', 401, 'Invalid authorization', 3],
  ['basic without a password', basic('b3c0ffee-token'), 401, 'Invalid authorization', 3],
  ['an unknown token', 'Splunk other', 403, 'Invalid token', 4],
  ['an unknown password', basic('b3c0ffee-token:other'), 403, 'Invalid token', 4],
] as const)('%s is told so, and on record', async (_name, authorization, status, text, code) => {
  const { post, intake, notices } = await listening({ auth })
  const told = await post('/event', '{"event":1}', authorization === undefined ? {} : { authorization })
  expect(told).toMatchObject({ status, text, code })
  expect(notices).toEqual([
    {
      kind: 'unauthenticated',
      receiver: 'apps',
      ip: '127.0.0.1',
      reason: told.detail?.toString().split('; ')[0],
    },
  ])
  expect(intake.recordChunks).toEqual([])
})

test('a token in the query string is taken only where that is configured', async () => {
  const closed = await listening({ auth })
  expect(await closed.post('/event?token=b3c0ffee-token', '{"event":1}')).toMatchObject({
    status: 400,
    text: 'Query string authorization is not enabled',
    code: 16,
  })
  const { post, intake } = await listening({ auth, query_token: true })
  expect(await post('/event?token=b3c0ffee-token', '{"event":1}')).toEqual(success)
  expect(await post('/event?token=other', '{"event":1}')).toMatchObject({ status: 403, code: 4 })
  expect(await post('/event', '{"event":1}')).toMatchObject({ status: 401, code: 2 })
  expect(JSON.stringify(intake.recordChunks)).not.toContain('b3c0ffee')
})

test('without auth, tokens are not looked at', async () => {
  const { post, intake } = await listening()
  expect(await post('/event', '{"event":1}', { authorization: 'Splunk whatever' })).toEqual(success)
  expect(intake.recordChunks[0]?.peer).toEqual({ ip: '127.0.0.1' })
})

test.each([
  ['GET', '/health'],
  ['POST', '/health'],
  ['GET', '/health/1.0'],
])('%s %s says whether records are taken, to everybody', async (method, path) => {
  const { ask, intake } = await listening({ auth })
  expect(await ask(method, path)).toEqual({ status: 200, text: 'HEC is healthy', code: 17 })
  intake.press()
  expect(await ask(method, path)).toEqual({
    status: 503,
    text: 'HEC is unhealthy, queues are full',
    code: 18,
  })
})

test.each(['', '/event', '/event/1.0', '/raw', '/raw/1.0'])(
  'OPTIONS %s is answered to everybody: Docker asks so before it starts a container',
  async (path) => {
    const { port, notices } = await listening({ auth })
    const answer = await send(port, { method: 'OPTIONS', path: `/services/collector${path}` })
    expect(answer).toMatchObject({ status: 200, headers: { allow: 'POST, OPTIONS' } })
    expect(notices).toEqual([])
  },
)

test('other paths and methods', async () => {
  const { ask } = await listening()
  expect(await ask('POST', '/other')).toMatchObject({ status: 404, code: 404 })
  expect(await ask('GET', '/event')).toMatchObject({ status: 405, code: 405 })
  expect(await ask('DELETE', '/health')).toMatchObject({
    status: 405,
    detail: '/services/collector/health takes GET and POST, not DELETE',
  })
})

test('a body over the limit', async () => {
  const { post } = await listening({ max_body: '1KiB' })
  expect(await post('/event', `{"event":"${'x'.repeat(2000)}"}`)).toMatchObject({ status: 413, code: 413 })
})

test("codes are Splunk's", () => {
  const ours = Object.entries(hecCodes).map(([code, { status, text }]) => [code, [status, text]])
  expect(documented).toMatchObject(Object.fromEntries(ours))
})

// Which pages of browsers may send: what a browser asks, what it is told, and what it may not.
import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { httpReceiverConfig } from '../../../src/receivers/http/config.ts'
import { listening as listeningHttp } from '../http/listening.ts'
import { listening, send } from '../otlp/listening.ts'

const app = 'https://app.example.com'
const auth = { bearer: [{ id: 'a', hash: hash('sha256', 'token') }] }
type Cors = z.input<typeof httpReceiverConfig>['cors']

const asking = (origin: string, method = 'POST') => ({
  origin,
  'access-control-request-method': method,
  'access-control-request-headers': 'content-type,authorization',
})
const allowedIn = (headers: Readonly<Record<string, unknown>>) =>
  Object.keys(headers).filter((name) => name.startsWith('access-control'))

describe('a page that may send', () => {
  test('is told so before it sends, without a credential, and can read the answer', async () => {
    const { port, post, intake } = await listening({
      http: { cors: { origins: [app, 'http://localhost:3000'], headers: ['traceparent'], max_age: '10m' } },
      auth,
    })
    const question = { method: 'OPTIONS', path: '/v1/logs', headers: asking(app) }
    const answer = await send(port, question)
    expect(answer).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': app,
        'access-control-allow-methods': 'POST',
        'access-control-max-age': '600',
        vary: 'Origin',
      },
    })
    const names = String(answer.headers['access-control-allow-headers']).toLowerCase().split(', ')
    expect(names).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'content-encoding', 'traceparent']),
    )
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
    expect(answer.body).toHaveLength(0)

    const sent = await post('{"resourceLogs":[]}', { origin: app, authorization: 'Bearer token' })
    expect(sent).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': app, vary: 'Origin' },
    })
    expect(sent.headers['access-control-expose-headers']).toContain('Retry-After')
    // What went wrong is for the page as well.
    for (const [body, headers, status] of [
      ['{}', {}, 401],
      ['{', { authorization: 'Bearer token' }, 400],
    ] as const) {
      const wrong = await post(body, { origin: app, ...headers })
      expect(wrong).toMatchObject({ status, headers: { 'access-control-allow-origin': app } })
    }
    expect(intake.recordChunks).toEqual([])
  })

  test('with credentials, where that is said', async () => {
    const { port } = await listeningHttp({ cors: { origins: [app], credentials: true } })
    const answer = await send(port, { method: 'OPTIONS', path: '/', headers: asking(app) })
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': app,
      'access-control-allow-credentials': 'true',
    })
  })

  test('any, where that is said', async () => {
    const { post } = await listeningHttp({ cors: { origins: ['*'] } })
    const { status, headers } = await post('application/json', '{}', { origin: 'https://anybody.example' })
    expect([status, headers['access-control-allow-origin']]).toEqual([200, '*'])
  })
})

describe('another page', () => {
  test('is refused before its body is read, whether or not its browser asks first', async () => {
    const { port, post, intake } = await listeningHttp({ cors: { origins: [app] } })
    for (const origin of [
      'https://evil.example',
      'null',
      `${app}.evil.example`,
      'http://app.example.com',
      `${app}:8443`,
    ]) {
      const question = await send(port, { method: 'OPTIONS', path: '/', headers: asking(origin) })
      expect([question.status, allowedIn(question.headers)]).toEqual([403, []])
      const sent = await post('text/plain', 'a record', { origin })
      expect([sent.status, allowedIn(sent.headers)]).toEqual([403, []])
      expect(JSON.parse(sent.body.toString())).toMatchObject({ code: 'origin_forbidden' })
    }
    expect(intake.receivedTexts).toEqual([])
  })

  test('is told nothing without `cors`, which is the default', async () => {
    const { port, post } = await listeningHttp()
    const question = await send(port, { method: 'OPTIONS', path: '/', headers: asking(app) })
    expect(allowedIn(question.headers)).toEqual([])
    const { headers } = await post('application/json', '{}', { origin: app })
    expect(allowedIn(headers)).toEqual([])
  })
})

test('who is no browser says no origin, and is let in; a path that there is not allows nothing', async () => {
  const { port, post } = await listeningHttp({ cors: { origins: [app] } })
  const { status, headers } = await post('application/json', '{}')
  expect([status, allowedIn(headers), headers.vary]).toEqual([200, [], 'Origin'])
  const question = await send(port, { method: 'OPTIONS', path: '/other', headers: asking(app) })
  expect([question.status, question.headers['access-control-allow-methods']]).toEqual([404, undefined])
})

test.each<[Cors, string]>([
  [{ origins: [] }, 'Too small'],
  [{ origins: ['*'], credentials: true }, 'cannot be with an origin *'],
  [{ origins: ['https://app.example.com/path'] }, 'an origin as browsers say it'],
  [{ origins: ['app.example.com'] }, 'an origin as browsers say it'],
  [{ origins: ['https://*.example.com'] }, 'an origin as browsers say it'],
  [{ origins: [app], headers: ['a b'] }, 'the name of a header'],
])('%j is refused', (cors, message) => {
  const { error } = httpReceiverConfig.safeParse({ type: 'http', cors })
  expect(JSON.stringify(error?.issues)).toContain(message)
})

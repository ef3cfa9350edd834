import { expect, test } from 'vitest'
import { classifyAnswer } from '../../../src/sinks/http/classify.ts'
import { classifyError, parseRetryAfter } from '../../../src/sinks/transport/answer.ts'

const now = Date.UTC(2026, 10, 23, 11)
const answer = (status: number, rest: { retryAfter?: string; date?: string; text?: string } = {}) =>
  classifyAnswer(
    {
      status,
      headers: { 'retry-after': rest.retryAfter, date: rest.date },
      bytes: Buffer.alloc(0),
      text: rest.text ?? '',
      cut: false,
    },
    rest.text ?? '',
    now,
  )

const table = {
  accepted: [200, 201, 202, 204, 207],
  later: [408, 409, 421, 423, 424, 425, 429, 500, 502, 503, 504, 505, 507, 511, 520, 599],
  held: [
    300, 301, 302, 303, 304, 307, 308, 401, 402, 403, 404, 405, 406, 407, 410, 411, 412, 414, 415, 417, 426,
    428, 431, 451, 499, 501,
  ],
  refused: [400, 413, 422],
} as const

for (const [kind, statuses] of Object.entries(table)) {
  test.each(statuses)(`%i is ${kind}`, (status) => {
    expect(answer(status).kind).toBe(kind)
  })
}

test('every status that HTTP can have is classified, and only three of them speak of the data', () => {
  const refused = []
  for (let status = 200; status < 600; status++) {
    if (answer(status).kind === 'refused') refused.push(status)
  }
  expect(refused).toEqual([400, 413, 422])
})

test('the reason has the status and what the destination said', () => {
  expect(answer(400, { text: 'no such field' })).toEqual({
    kind: 'refused',
    reason: 'HTTP 400: no such field',
  })
  expect(answer(503)).toEqual({ kind: 'later', reason: 'HTTP 503', overloaded: true })
  expect(answer(302)).toEqual({ kind: 'held', reason: 'HTTP 302 (redirects are not followed)' })
})

test.each([
  '<html>\r\n<head><title>400 The SSL certificate error</title></head>',
  '<html>\r\n<head><title>400 No required SSL certificate was sent</title></head>',
  '<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>',
  '<html>\r\n<head><title>400 Request Header Or Cookie Too Large</title></head>',
  'Client sent an HTTP request to an HTTPS server.',
])('a gateway that minds the connection refuses no data: %s', (text) => {
  expect(answer(400, { text })).toMatchObject({ kind: 'held', reason: expect.stringContaining(text) })
  expect(answer(422, { text }).kind).toBe('refused')
})

test('Retry-After in seconds and as a date', () => {
  expect(answer(429, { retryAfter: '120' })).toMatchObject({ kind: 'later', retryAfter: 120_000 })
  expect(answer(503, { retryAfter: 'Mon, 23 Nov 2026 11:01:00 GMT' })).toMatchObject({ retryAfter: 60_000 })
  // A destination whose clock is an hour ahead means the same minute.
  const skewed = { retryAfter: 'Mon, 23 Nov 2026 12:01:00 GMT', date: 'Mon, 23 Nov 2026 12:00:00 GMT' }
  expect(answer(503, skewed)).toMatchObject({ retryAfter: 60_000 })
  expect(parseRetryAfter('Mon, 23 Nov 2026 10:00:00 GMT', now)).toBe(0)
  for (const nonsense of ['', 'soon', '-5', '1.5h']) expect(parseRetryAfter(nonsense, now)).toBeUndefined()
  expect(parseRetryAfter(undefined, now)).toBeUndefined()
})

test.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
  undefined,
])('%s can pass', (code) => {
  expect(classifyError(code, 'it failed').kind).toBe('later')
})

test('a request that cannot be made is a configuration fault', () => {
  expect(classifyError('UND_ERR_INVALID_ARG', 'invalid header')).toEqual({
    kind: 'held',
    reason: 'invalid header (UND_ERR_INVALID_ARG)',
  })
})

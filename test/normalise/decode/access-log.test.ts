// nginx's logs: whatever clients call themselves and ask for.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeAccessLog } from '../../../src/normalise/decode/access-log.ts'
import { seed } from '../../seed.ts'

function decoded(text: string): unknown {
  const result = decodeAccessLog(text)
  if (!result.ok) throw new Error(result.reason)
  return result.value
}

const time = '23/Nov/2026:11:00:00 +0100'
const rest = '200 12 "-" "curl/8.0"'

test.each<[string, string, object]>([
  [
    'combined',
    `192.0.2.7 - - [${time}] "GET / HTTP/1.1" ${rest}`,
    {
      remote_addr: '192.0.2.7',
      time_local: time,
      request_method: 'GET',
      request_uri: '/',
      server_protocol: 'HTTP/1.1',
      status: '200',
      body_bytes_sent: '12',
      http_user_agent: 'curl/8.0',
    },
  ],
  [
    'common',
    `192.0.2.7 - ann [${time}] "GET / HTTP/1.1" 200 -`,
    {
      remote_addr: '192.0.2.7',
      remote_user: 'ann',
      time_local: time,
      request_method: 'GET',
      request_uri: '/',
      server_protocol: 'HTTP/1.1',
      status: '200',
    },
  ],
])('%s', (_, line, expected) => {
  expect(decoded(line)).toEqual(expected)
})

test.each<[string, string, object]>([
  [
    'a host before',
    `shop.example:443 192.0.2.7 - ann [${time}] "GET / HTTP/1.1" ${rest}`,
    { host: 'shop.example:443', remote_addr: '192.0.2.7', remote_user: 'ann' },
  ],
  ['no user at all', `192.0.2.7 - [${time}] "GET / HTTP/1.1" ${rest}`, { remote_addr: '192.0.2.7' }],
  [
    'a user in UTF-8',
    `192.0.2.7 - zo\\xC3\\xAB \\x22q\\x22 [${time}] "GET / HTTP/1.1" ${rest}`,
    { remote_user: 'zoë "q"' },
  ],
  [
    'a user that is no UTF-8, or no text',
    `192.0.2.7 - zo\\xEB\\x5C \\x0A\\x1B [${time}] "GET / HTTP/1.1" ${rest}`,
    { remote_user: 'zo\\xEB\\x5C \\x0A\\x1B' },
  ],
  [
    'a user with spaces and brackets',
    `192.0.2.7 - ann [${time}] x [${time}] "GET / HTTP/1.1" ${rest}`,
    { remote_user: `ann [${time}] x`, time_local: time },
  ],
  [
    'a path with spaces',
    `192.0.2.7 - - [${time}] "GET /a b HTTP/1.1" ${rest}`,
    { request_uri: '/a b', server_protocol: 'HTTP/1.1' },
  ],
  ['HTTP/0.9', `192.0.2.7 - - [${time}] "GET /" ${rest}`, { request_method: 'GET', request_uri: '/' }],
  [
    'no request',
    `192.0.2.7 - - [${time}] "\\x16\\x03" 400 157 "-" "-"`,
    { request: '\\x16\\x03', status: '400' },
  ],
  [
    'X-Forwarded-For and times',
    `192.0.2.7 - - [${time}] "GET / HTTP/1.1" ${rest} "198.51.100.1" 0.004 "x"`,
    { http_x_forwarded_for: '198.51.100.1', extra: ['0.004', 'x'] },
  ],
  [
    'an agent that is cut off',
    `192.0.2.7 - - [${time}] "GET / HTTP/1.1" 200 12 "-" "curl`,
    { http_user_agent: 'curl' },
  ],
  [
    'an error',
    '2026/11/23 10:00:00 [error] 31#32: *46 open() failed, client: 192.0.2.7, server: shop.example, request: "GET /x HTTP/1.1", upstream: "http://10.0.0.1/", host: "shop.example", referrer: "https://a/"',
    {
      error_time: '2026/11/23 10:00:00',
      level: 'error',
      pid: '31',
      tid: '32',
      connection: '46',
      message: 'open() failed',
      remote_addr: '192.0.2.7',
      server_name: 'shop.example',
      request_uri: '/x',
      upstream: 'http://10.0.0.1/',
      host: 'shop.example',
      http_referer: 'https://a/',
    },
  ],
  [
    'an error without a client',
    '2026/11/23 10:00:00 [emerg] 1#1: bind() failed',
    { level: 'emerg', message: 'bind() failed' },
  ],
])('%s', (_, line, expected) => {
  expect(decoded(line)).toMatchObject(expected)
})

test('a client that stands there twice is none', () => {
  const line =
    '2026/11/23 10:00:00 [error] 31#31: *46 "/srv/x, client: 6.6.6.6" is not found, client: 192.0.2.7, server: a'
  const result = decodeAccessLog(line)
  expect(result).toMatchObject({
    ok: true,
    warnings: ['the client is not taken from the message: it stands there twice'],
  })
  expect(result.ok && result.value).not.toHaveProperty('remote_addr')
})

test.each(['', 'hello', `x [${time}] "GET / HTTP/1.1" 200`, `192.0.2.7 - - [${time}] "GET /`])(
  '%j is none',
  (line) => {
    expect(decodeAccessLog(line)).toMatchObject({ ok: false })
  },
)

test(`whatever the text: an answer, in time (seed ${seed})`, () => {
  const piece = fc.constantFrom(
    '192.0.2.7 - ',
    `[${time}]`,
    ' "',
    '"',
    'GET / HTTP/1.1',
    ' 200',
    ', client: ',
    ', server: ',
    '2026/11/23 10:00:00 [error] 1#1: ',
    'é',
  )
  const text = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((all) => all.join('')),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(text, (some) => void JSON.stringify(decodeAccessLog(some))),
    { seed, numRuns: 300 },
  )
  const start = performance.now()
  for (const part of [' "', ' ', '- ', 'A', ' HTTP/1.1']) {
    decodeAccessLog(`192.0.2.7 - - [${time}] "GET ${part.repeat(300_000)}`)
    decodeAccessLog(
      `2026/11/23 10:00:00 [error] 1#1: x, client: a, server: ${part.repeat(30_000)}, request: "`,
    )
  }
  expect(performance.now() - start).toBeLessThan(3_000)
})

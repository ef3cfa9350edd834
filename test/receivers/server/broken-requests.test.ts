// Requests that are none, or of which only the head may be read: what their senders are told, byte by byte.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { listening } from '../http/listening.ts'
import { send } from '../otlp/listening.ts'
import { bearer } from '../splunk_hec/listening.ts'
import { until } from '../until.ts'

const head = (headers: string, path = '/') =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${headers}\r\n`

function connected(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  return socket
}

test.each([
  [
    'headers over the limit',
    head(`X: ${'x'.repeat(20_000)}\r\n`),
    431,
    /"detail":"path and headers are larger than 16384 bytes"/,
  ],
  ['a path over the limit', head('', `/?${'x'.repeat(20_000)}`), 431, /"code":"headers_too_large"/],
  [
    'two lengths',
    head('Content-Length: 2\r\nContent-Length: 3\r\n'),
    400,
    /this is not HTTP\/1.1: .*Content-Length/,
  ],
  [
    'a chunk that is none',
    `${head('Transfer-Encoding: chunked\r\n')}zz\r\n`,
    400,
    /this is not HTTP\/1.1: .*chunk/,
  ],
])('%s', async (_name, bytes, status, told) => {
  const { port } = await listening()
  const socket = connected(port)
  socket.write(bytes)
  const answer = await text(socket)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(answer).toMatch(told)
})

test('a path that is none is not quoted: a token may stand behind it', async () => {
  const { port } = await listening()
  const answer = await send(port, { method: 'POST', path: '/%zz?token=secret' })
  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.body.toString()).detail).toBe(
    'the path is none of a URL: behind each % belong two hex digits',
  )
})

test('a body that is cut short', async () => {
  const { port, intake } = await listening()
  const socket = connected(port)
  socket.end(`${head('Content-Length: 100\r\n')}{}`)
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 .*the request was cut short/s)
  expect(intake.recordChunks).toEqual([])
})

test('bytes behind a request are not its answer: what is committed is said to be', async () => {
  const { port, intake } = await listening()
  intake.hold()
  const socket = connected(port)
  socket.write(`${head('Content-Length: 2\r\n')}{}and more than was announced\r\n\r\n`)
  await until('it is being committed', () => intake.pending > 0)
  intake.relieve()
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 .*"records":1\}HTTP\/1.1 400 .*this is not HTTP\/1.1/s)
})

test('who asks before he sends his body is told to, and then answered', async () => {
  const { port, intake } = await listening()
  const socket = connected(port)
  socket.write(head('Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n'))
  const [word] = await once(socket, 'data')
  expect(String(word)).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  socket.write('{}')
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 /)
  expect(intake.receivedTexts).toEqual([{ text: '{}' }])
})

test.each([
  ['its body is too large', { max_body: '1KiB' }, 'Content-Length: 2000\r\n', '/', 413],
  ['there is nothing at its path', {}, 'Content-Length: 2\r\n', '/other', 404],
  ['nobody knows him', { auth: { bearer: [bearer('a', 'token')] } }, 'Content-Length: 2\r\n', '/', 401],
])('he is told at once that %s, and sends none', async (_name, settings, headers, path, status) => {
  const { port } = await listening(settings)
  const socket = connected(port)
  socket.write(head(`${headers}Expect: 100-continue\r\n`, path))
  const answer = await text(socket)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(answer).toMatch(/connection: close/i)
})

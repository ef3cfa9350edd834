/** Guarantee: no client can make the receiver hold more, or wait longer, than its limits say. */
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { constants, createGzip, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { listening, numbered } from '../receivers/otlp/listening.ts'

const mebibyte = 1024 * 1024

test('a gzip bomb costs bounded memory', async () => {
  const { post } = await listening({ max_body: '4MiB', max_in_flight: '16MiB' })
  function* zeros() {
    const piece = Buffer.alloc(mebibyte)
    for (let count = 0; count < 128; count++) yield piece
  }
  const bomb = await buffer(Readable.from(zeros()).pipe(createGzip()))
  expect(bomb.length).toBeLessThan(mebibyte)
  let most = 0
  const before = process.memoryUsage.rss()
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss() - before)
  }, 5)
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => post(bomb, { 'content-encoding': 'gzip' })),
  )
  clearInterval(watch)
  // Beyond the budget the others are told to come back, which is as good.
  for (const { status } of answers) expect([413, 503]).toContain(status)
  expect(answers.map(({ status }) => status)).toContain(413)
  expect(most).toBeLessThan(96 * mebibyte)
})

test('zstd frames may not ask for windows beyond 8 MiB', async () => {
  const { post } = await listening()
  const compress = (windowLog: number) =>
    zstdCompressSync(Buffer.from(`{}${' '.repeat(17 * mebibyte)}`), {
      params: { [constants.ZSTD_c_windowLog]: windowLog },
    })
  expect(await post(compress(23), { 'content-encoding': 'zstd' })).toMatchObject({ status: 200 })
  expect(await post(compress(24), { 'content-encoding': 'zstd' })).toMatchObject({ status: 400 })
})

test('a thousand tiny gzip members, or zstd frames, are one body', async () => {
  const { post, intake } = await listening()
  const json = JSON.stringify(numbered(5))
  const pieces = Array.from(json)
  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    const body = Buffer.concat(pieces.map((piece) => compress(piece)))
    expect(await post(body, { 'content-encoding': encoding })).toMatchObject({ status: 200 })
  }
  expect(intake.received).toHaveLength(10)
})

test('refused bodies give back what they held', async () => {
  const { post } = await listening({ max_body: '64KiB', max_in_flight: '128KiB' })
  const rubbish = 'x'.repeat(60_000)
  for (let round = 0; round < 20; round++) {
    expect(await post(rubbish)).toMatchObject({ status: 400 })
    expect(await post(gzipSync(rubbish), { 'content-encoding': 'gzip' })).toMatchObject({ status: 400 })
    expect(await post(gzipSync(Buffer.alloc(70_000)), { 'content-encoding': 'gzip' })).toMatchObject({
      status: 413,
    })
  }
})

test.each([
  ['headers', 'POST /v1/logs HTTP/1.1\r\nHost: a\r\n'],
  [
    'a body',
    'POST /v1/logs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  ],
])('who never finishes %s is let go', async (_name, start) => {
  const { post, port, intake } = await listening({ http: { timeout: '300ms' } })
  const socket = connect(port, '127.0.0.1')
  socket.write(start)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /)
  expect(await post(JSON.stringify(numbered(1)))).toMatchObject({ status: 200 })
  expect(intake.received).toHaveLength(1)
})

test('headers beyond 16 KiB are refused', async () => {
  const { post } = await listening()
  expect(await post('{}', { 'x-much': 'y'.repeat(20_000) })).toMatchObject({ status: 431 })
})

test('a refused client that goes on sending can read why, and be served on the same connection', async () => {
  const { port } = await listening({ max_body: '1KiB', max_in_flight: '2KiB' })
  const head = 'POST /v1/logs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
  const socket = connect(port, '127.0.0.1')
  socket.write(`${head}Content-Length: ${4 * mebibyte}\r\n\r\n`)
  for (let count = 0; count < 4; count++) socket.write(Buffer.alloc(mebibyte, 32))
  socket.write(`${head}Connection: close\r\nContent-Length: 2\r\n\r\n{}`)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 .*HTTP\/1\.1 200 /s)
})

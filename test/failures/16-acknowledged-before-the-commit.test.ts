/** Guarantee: a client hears 200 only after the commit of all that it sent, and of an invalid body nothing is kept. */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { AffiantError } from '../../src/errors.ts'
import { listening, numbered } from '../receivers/otlp/listening.ts'
import { encodeRequest } from '../receivers/otlp/oracle.ts'

const protobuf = { 'content-type': 'application/x-protobuf' }

test('the answer waits for the disk', async () => {
  const { post, intake } = await listening()
  intake.hold()
  let answered = false
  const answer = post(JSON.stringify(numbered(1))).finally(() => {
    answered = true
  })
  await expect.poll(() => intake.pending).toBe(1)
  // Another request's refusal goes the whole way there and back meanwhile.
  expect(await post('nonsense')).toMatchObject({ status: 400 })
  expect(answered).toBe(false)
  intake.relieve()
  expect(await answer).toMatchObject({ status: 200 })
})

test('a request of several chunks is answered after the last of them', async () => {
  const { post, intake } = await listening()
  expect(await post(encodeRequest(numbered(3500)), protobuf)).toMatchObject({ status: 200 })
  expect(intake.recordChunks.map(({ index, records }) => [index, records.length])).toEqual([
    [0, 1000],
    [1000, 1000],
    [2000, 1000],
    [3000, 500],
  ])
  expect(intake.received.map(({ value }) => value.attributes)).toEqual(
    Array.from({ length: 3500 }, (_, n) => ({ n })),
  )
})

test.each(['protobuf', 'json'])(
  'nothing is kept of a %s body that is invalid at its very end',
  async (format) => {
    const { post, intake } = await listening()
    const whole = numbered(3500)
    const answer =
      format === 'protobuf'
        ? await post(Buffer.concat([encodeRequest(whole), Buffer.from([0x0a, 9])]), protobuf)
        : await post(JSON.stringify({ resourceLogs: [...whole.resourceLogs, { scopeLogs: 7 }] }))
    expect(answer).toMatchObject({ status: 400 })
    expect(intake.received).toEqual([])
  },
)

test('a journal that fills up between two chunks is no success', async () => {
  const { post, intake } = await listening()
  await post(JSON.stringify(numbered(1)))
  intake.hold()
  const answer = post(JSON.stringify(numbered(1500)))
  await expect.poll(() => intake.pending).toBe(1)
  intake.refusal = new AffiantError('journal_full', 'full')
  intake.relieve()
  expect(await answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
  // The first chunk was committed; what the client sends again is told apart by the records' own ids.
  expect(intake.received).toHaveLength(1001)
})

test.each([
  ['a body cut short', 'Content-Length: 500\r\n\r\n{"resourceLogs":'],
  ['a chunked body cut short', 'Transfer-Encoding: chunked\r\n\r\n20\r\n{"resourceLogs":'],
])('%s commits nothing and ends nothing', async (_name, rest) => {
  const { post, intake, port, metrics } = await listening()
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`POST /v1/logs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${rest}`)
  await expect.poll(() => socket.bytesWritten).toBeGreaterThan(80)
  socket.destroy()
  expect(await post(JSON.stringify(numbered(1)))).toMatchObject({ status: 200 })
  await expect.poll(async () => (await metrics.requests.get()).values.length).toBeGreaterThan(0)
  expect(intake.received).toHaveLength(1)
})

test('a Content-Length shorter than the body is refused as the broken request it is', async () => {
  const { post, intake, port } = await listening()
  const head = 'POST /v1/logs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5'
  const socket = connect(port, '127.0.0.1')
  socket.write(`${head}\r\n\r\n${JSON.stringify(numbered(1))}\r\n\r\n`)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 .*"code":3/s)
  expect(intake.received).toEqual([])
  expect(await post(JSON.stringify(numbered(1)))).toMatchObject({ status: 200 })
})

test('concurrent requests are each taken once, with an index of their own', async () => {
  const { post, intake } = await listening()
  const requests = Array.from({ length: 50 }, (_, n) => post(JSON.stringify(numbered(20, n * 20))))
  for (const { status } of await Promise.all(requests)) expect(status).toBe(200)
  const numbers = intake.received.map(({ value }) => (value.attributes as { n: number }).n)
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, n) => n))
  expect(intake.recordChunks.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 50 }, (_, n) => n * 20),
  )
  expect(intake.opened).toHaveLength(1)
})

test('what is in flight when the receiver stops is committed and answered; nothing new is taken', async () => {
  const { post, intake, receiver } = await listening()
  intake.hold()
  const answer = post(JSON.stringify(numbered(1)), { connection: 'keep-alive' })
  await expect.poll(() => intake.pending).toBe(1)
  const stopped = receiver.stop()
  await expect
    .poll(() => post('{}').catch((error: Error & { code?: string }) => error.code))
    .toBe('ECONNREFUSED')
  intake.relieve()
  expect(await answer).toMatchObject({ status: 200, headers: { connection: 'close' } })
  await stopped
  expect(intake.received).toHaveLength(1)
})

test('a stream that could not be opened is opened by the next request', async () => {
  const { post, intake } = await listening()
  const open = intake.openStream.bind(intake)
  intake.openStream = () => Promise.reject(new AffiantError('journal_unavailable', 'EIO'))
  expect(await post(JSON.stringify(numbered(1)))).toMatchObject({ status: 503 })
  intake.openStream = open
  expect(await post(JSON.stringify(numbered(1)))).toMatchObject({ status: 200 })
  expect(intake.opened).toHaveLength(1)
})

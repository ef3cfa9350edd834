import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { AffiantError } from '../../../src/errors.ts'
import { listening, numbered, send } from './listening.ts'
import { decodeResponse, decodeStatus, encodeRequest } from './oracle.ts'

const protobuf = 'application/x-protobuf'
const json = JSON.stringify(numbered(2))

describe('success', () => {
  test('JSON is answered with an empty response in JSON', async () => {
    const { post, intake } = await listening()
    const { status, headers, body } = await post(json, { 'content-type': 'application/json; charset=utf-8' })
    expect(status).toBe(200)
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect(JSON.parse(body.toString())).toEqual({})
    expect(intake.received.map(({ value }) => value.attributes)).toEqual([{ n: 0 }, { n: 1 }])
  })

  test('protobuf is answered with an empty response in protobuf', async () => {
    const { post, intake } = await listening()
    const { status, headers, body } = await post(encodeRequest(numbered(2)), { 'content-type': protobuf })
    expect(status).toBe(200)
    expect(headers['content-type']).toBe(protobuf)
    expect(decodeResponse(body)).toEqual({})
    expect(intake.received).toHaveLength(2)
  })

  test.each([
    ['protobuf', protobuf, ''],
    ['JSON', 'application/json', '{}'],
  ])('an empty %s request is taken, and opens no stream', async (_name, type, body) => {
    const { post, intake } = await listening()
    expect(await post(body, { 'content-type': type })).toMatchObject({ status: 200 })
    expect(intake.opened).toEqual([])
  })

  test.each([
    ['gzip', gzipSync(json)],
    ['GZip', Buffer.concat([gzipSync(json.slice(0, 30)), gzipSync(json.slice(30))])],
    ['zstd', zstdCompressSync(json)],
    ['zstd', Buffer.concat([zstdCompressSync(json.slice(0, 30)), zstdCompressSync(json.slice(30))])],
    ['identity', Buffer.from(json)],
  ])('Content-Encoding %s', async (encoding, body) => {
    const { post, intake, metrics } = await listening()
    expect(await post(body, { 'content-encoding': encoding })).toMatchObject({ status: 200 })
    expect(intake.received).toHaveLength(2)
    expect(await metrics.bytesRead.get()).toMatchObject({ values: [{ value: json.length }] })
  })
})

describe('errors are a google.rpc.Status in the encoding of the request', () => {
  const asJson = (body: Buffer) => JSON.parse(body.toString())

  test('JSON', async () => {
    const { post } = await listening()
    const { status, headers, body } = await post('{"resourceLogs":7}')
    expect(status).toBe(400)
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect(asJson(body)).toEqual({ code: 3, message: expect.stringContaining('resourceLogs') })
  })

  test('protobuf', async () => {
    const { post } = await listening()
    const { status, headers, body } = await post(Buffer.from([0x0b]), { 'content-type': protobuf })
    expect(status).toBe(400)
    expect(headers['content-type']).toBe(protobuf)
    expect(decodeStatus(body)).toEqual({ code: 3, message: expect.stringContaining('at byte 0') })
  })

  test('a message of more than 127 bytes keeps its length', async () => {
    const { post } = await listening()
    const { body } = await post('x', { 'content-type': protobuf, 'content-encoding': 'y'.repeat(200) })
    expect(decodeStatus(body).message).toMatch(/^Content-Encoding y{40} is not supported; use identity/)
    const deep = encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityText: 'é' }] }] }] })
    expect((await post(deep.subarray(0, -1), { 'content-type': protobuf })).status).toBe(400)
  })

  test('404, in JSON when the request has no type', async () => {
    const { port } = await listening()
    const { status, headers, body } = await send(port, { method: 'POST', path: '/v1/traces' }, 'x')
    expect(status).toBe(404)
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect(asJson(body)).toEqual({ code: 5, message: expect.stringContaining('POST /v1/logs') })
  })

  test.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'])(
    '405 for %s, with Allow',
    async (method) => {
      const { port } = await listening()
      const answer = await send(port, { method, path: '/v1/logs?x=1' })
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } })
    },
  )

  test.each([
    [{ 'content-type': 'text/plain' }, 'x-protobuf or application/json'],
    [{ 'content-type': 'application/json', 'content-encoding': 'br' }, 'br is not supported'],
  ])('415 for %j', async (headers, message) => {
    const { post } = await listening()
    const { status, body } = await post(json, headers)
    expect(status).toBe(415)
    expect(asJson(body).message).toContain(message)
  })

  test('415 without any type', async () => {
    const { port } = await listening()
    expect(await send(port, { method: 'POST', path: '/v1/logs' }, json)).toMatchObject({ status: 415 })
  })

  test.each([
    ['not gzip', Buffer.from('{}'), 'gzip'],
    ['gzip cut short', gzipSync(json).subarray(0, -3), 'gzip'],
    ['gzip and then something else', Buffer.concat([gzipSync(json), Buffer.from('junk')]), 'gzip'],
    [
      'gzip whose second member is damaged',
      Buffer.concat([gzipSync('{}'), Buffer.from([0x1f]), gzipSync(' ')]),
      'gzip',
    ],
    ['zstd cut short', zstdCompressSync(json).subarray(0, -3), 'zstd'],
    ['zstd and then something else', Buffer.concat([zstdCompressSync(json), Buffer.from('junk')]), 'zstd'],
    [
      'zstd of too many frames',
      Buffer.concat(Array.from({ length: 1001 }, () => zstdCompressSync(''))),
      'zstd',
    ],
  ])('400 for %s', async (_name, body, encoding) => {
    const { post, intake } = await listening()
    const answer = await post(body, { 'content-encoding': encoding })
    expect(answer.status).toBe(400)
    expect(asJson(answer.body).message).toContain(`not valid ${encoding}`)
    expect(intake.received).toEqual([])
  })

  test('400 for what is not HTTP', async () => {
    const { port, metrics } = await listening()
    const socket = connect(port, '127.0.0.1')
    socket.write('\u0016\u0003\u0001 hello\r\n\r\n')
    expect(await text(socket)).toMatch(
      /^HTTP\/1\.1 400 .*\{"code":3,"message":"this is not HTTP\/1\.1: [A-Za-z ]+"\}$/s,
    )
    expect(await metrics.requests.get()).toMatchObject({
      values: [{ labels: { receiver: 'app', status: '400' } }],
    })
  })

  test('408, in the encoding of the request and counted once, for a body that does not arrive', async () => {
    const { port, metrics } = await listening({ http: { listen: '127.0.0.1:0', timeout: '100ms' } })
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: ${protobuf}\r\ncontent-length: 9\r\n\r\n1`,
    )
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toContain(`Content-Type: ${protobuf}`)
    const [, body] = answer.split('\r\n\r\n')
    expect(decodeStatus(Buffer.from(body!))).toEqual({
      code: 4,
      message: 'the request took too long to arrive',
    })
    expect((await metrics.requests.get()).values).toMatchObject([{ value: 1, labels: { status: '408' } }])
  })

  test('what a client expects does not keep it from being taken in', async () => {
    const { post } = await listening()
    expect(await post(json, { expect: 'a 200' })).toMatchObject({ status: 200 })
  })
})

describe('limits', () => {
  const small = { max_body: '1KiB', max_in_flight: '2KiB' }

  test('413 for a body that is announced as too large', async () => {
    const { post } = await listening(small)
    const { status, body } = await post('x'.repeat(1025))
    expect(status).toBe(413)
    expect(JSON.parse(body.toString())).toEqual({
      code: 8,
      message: expect.stringContaining('1024 bytes as sent'),
    })
  })

  test('413 for a body that turns out too large', async () => {
    const { post } = await listening(small)
    expect(await post('x'.repeat(1025), { 'transfer-encoding': 'chunked' })).toMatchObject({ status: 413 })
  })

  test.each([
    ['gzip', gzipSync(Buffer.alloc(1025))],
    ['zstd', zstdCompressSync(Buffer.alloc(1025))],
  ])('413 for %s that inflates beyond the limit', async (encoding, bomb) => {
    const { post } = await listening(small)
    const { status, body } = await post(bomb, { 'content-encoding': encoding })
    expect(status).toBe(413)
    expect(JSON.parse(body.toString()).message).toContain('after inflating')
  })

  test('an exact fit is taken', async () => {
    const { post } = await listening(small)
    expect(await post(`{}${' '.repeat(1022)}`)).toMatchObject({ status: 200 })
  })
})

describe('credentials', () => {
  const hash = (token: string) => createHash('sha256').update(token).digest('hex')
  const auth = {
    bearer: [
      { id: 'checkout', hash: hash('s3cret').toUpperCase() },
      { id: 'cart', hash: hash('other') },
    ],
  }

  test.each([{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic s3cret' }])(
    '401 for %j',
    async (headers) => {
      const { post, intake } = await listening({ auth })
      const answer = await post(json, headers)
      expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
      expect(JSON.parse(answer.body.toString()).code).toBe(16)
      expect(intake.received).toEqual([])
    },
  )

  test('the id of the token and the address go with the records', async () => {
    const { post, intake } = await listening({ auth })
    await post(json, { authorization: 'Bearer s3cret' })
    await post(json, { authorization: 'bearer other' })
    expect(intake.recordChunks.map(({ peer }) => peer)).toEqual([
      { ip: '127.0.0.1', auth_id: 'checkout' },
      { ip: '127.0.0.1', auth_id: 'cart' },
    ])
  })
})

describe('what can pass is 503 with Retry-After, never 500', () => {
  test('while the journal is full, then records are taken again', async () => {
    const { post, intake } = await listening()
    intake.press('journal: 10 GiB of 10 GiB used since 11:00')
    const { status, headers, body } = await post(json)
    expect(status).toBe(503)
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(JSON.parse(body.toString())).toEqual({
      code: 14,
      message: expect.stringContaining('10 GiB of 10 GiB'),
    })
    intake.relieve()
    expect(await post(json)).toMatchObject({ status: 200 })
    expect(intake.received).toHaveLength(2)
  })

  test.each([
    ['the journal filled up meanwhile', new AffiantError('journal_full', 'full')],
    ['the journal cannot commit', new AffiantError('journal_unavailable', 'EIO')],
    ['the journal was closed', new AffiantError('journal_closed', 'closed')],
    ['a code that is not for clients', new AffiantError('data_dir_unusable', 'read-only')],
    ['a defect', new TypeError('x is not a function')],
  ])('%s', async (_name, refusal) => {
    const { post, intake } = await listening()
    intake.refusal = refusal
    const answer = await post(encodeRequest(numbered(1)), { 'content-type': protobuf })
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(decodeStatus(answer.body).code).toBe(14)
    // Nothing of the inside is told to a stranger.
    if (!(refusal instanceof AffiantError)) expect(answer.body.toString()).not.toContain('function')
    intake.refusal = undefined
    expect(await post(json)).toMatchObject({ status: 200 })
  })

  test('when too much is in flight', async () => {
    const { post, intake } = await listening({ max_body: '1KiB', max_in_flight: '2KiB' })
    await post(JSON.stringify(numbered(1)))
    intake.hold()
    const body = `${JSON.stringify(numbered(1))}${' '.repeat(800)}`
    const waiting = [post(body), post(body)]
    await expect.poll(() => intake.pending).toBe(2)
    const answer = await post(body)
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    intake.relieve()
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200])
    expect(await post(body)).toMatchObject({ status: 200 })
  })
})

test('requests are counted by status', async () => {
  const { post, metrics } = await listening()
  await post(json)
  await post('nonsense')
  const counted = (status: string) => ({ labels: { receiver: 'app', status }, value: 1 })
  expect(await metrics.requests.get()).toMatchObject({ values: [counted('200'), counted('400')] })
})

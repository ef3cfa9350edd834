// Requests of nothing but empty values: two bytes each, and an object in memory. They take seconds and gigabytes, if they are let.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { AffiantError } from '../../../src/errors.ts'
import { mostWeight } from '../../../src/event/record-weight.ts'
import { jsonLogsDecoder } from '../../../src/receivers/otlp/json-decoder.ts'
import { idleTurn } from '../../../src/receivers/otlp/limits.ts'
import { decodePlainLogs } from '../../../src/receivers/otlp/logs-decoder.ts'
import { PlainRecords } from '../../../src/receivers/otlp/plain-records.ts'
import { listening } from './listening.ts'
import { encodeRequest } from './oracle.ts'

const fromProtobuf = (body: Buffer) =>
  decodePlainLogs(body, new PlainRecords(body, Buffer.from(new ArrayBuffer(64 * 1024))))
const fromJson = (body: Buffer) => jsonLogsDecoder(body)()

/** A field of a message, given twice or a million times. */
function field(tag: number, content: Buffer): Buffer {
  const length: number[] = []
  for (let rest = content.length; ; rest >>>= 7) {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    if (rest <= 0x7f) break
  }
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
const repeated = (unit: Buffer, count: number) => Buffer.alloc(count * unit.length, unit)
const nothing = Buffer.alloc(0)
const attribute = field(0x32, field(0x0a, Buffer.from('a')))
const inRequest = (...records: Buffer[]) =>
  field(0x0a, field(0x12, Buffer.concat(records.map((record) => field(0x12, record)))))

const small = field(0x62, Buffer.from('order.paid'))
const many = mostWeight + 1

describe('of a record with too many values its bytes are kept, and the others are read', () => {
  test.each([
    ['a list', field(0x2a, field(0x2a, repeated(field(0x0a, nothing), many)))],
    ['attributes', repeated(attribute, many)],
  ])('protobuf: %s', (_what, record) => {
    const records = [...fromProtobuf(inRequest(small, record, small))].flat()
    expect(records.map((one) => 'text' in one)).toEqual([false, true, false])
    const [, unread] = records
    if (unread === undefined || !('text' in unread)) throw new Error('it was read')
    expect(unread.unread).toBe('not read: it has more than 500000 values, objects and lists')
    expect(Buffer.from(unread.text, unread.encoding).equals(record)).toBe(true)
  })

  test('JSON', () => {
    const record = `{"body":{"arrayValue":{"values":[${'{},'.repeat(many)}{}]}},"é":"]}\\"{"}`
    const records = `{"eventName":"order.paid"},${record},{"eventName":"order.paid"}`
    const body = Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records}]}]}]}`)
    const read = [...fromJson(body)].flat()
    expect(read.map((one) => 'text' in one)).toEqual([false, true, false])
    const [, unread] = read
    expect(unread && 'text' in unread && unread.text === record).toBe(true)
  })

  test('of a very large one the head, with size and hash', () => {
    const record = repeated(attribute, (17 * 1024 * 1024) / attribute.length)
    const [unread] = [...fromProtobuf(inRequest(record))].flat()
    expect(unread).toMatchObject({
      oversize: { size: record.length, sha256: createHash('sha256').update(record).digest('hex') },
    })
    expect(unread && 'text' in unread && unread.text.length).toBe(64 * 1024)
  })

  test('as many as are allowed are read', () => {
    const record = field(0x2a, field(0x2a, repeated(field(0x0a, nothing), mostWeight - 1)))
    const [read] = [...fromProtobuf(inRequest(record))].flat()
    expect(read && 'value' in read && Array.isArray(read.value.body)).toBe(true)
  })
})

test.each([
  [
    'resource',
    field(
      0x0a,
      Buffer.concat([field(0x0a, repeated(field(0x0a, nothing), many)), field(0x12, field(0x12, small))]),
    ),
  ],
  [
    'resource with entities',
    field(
      0x0a,
      Buffer.concat([field(0x0a, repeated(field(0x1a, nothing), many)), field(0x12, field(0x12, small))]),
    ),
  ],
  [
    'scope',
    field(
      0x0a,
      field(0x12, Buffer.concat([field(0x0a, repeated(field(0x1a, nothing), many)), field(0x12, small)])),
    ),
  ],
])('a %s with too many values refuses the request', (_what, body) => {
  expect(() => [...fromProtobuf(body)]).toThrow(
    /^invalid protobuf at byte \d+: more than 500000 values, objects and lists in one record, resource or scope$/,
  )
})

describe('without a record, others have their turn', () => {
  const count = 10 * idleTurn
  test.each([
    ['resources', repeated(field(0x0a, nothing), count)],
    ['scopes', field(0x0a, repeated(field(0x12, nothing), count))],
  ])('protobuf: %s', (_what, body) => {
    const chunks = [...fromProtobuf(Buffer.concat([inRequest(small), body]))]
    expect(chunks.filter((chunk) => chunk.length === 0).length).toBeGreaterThanOrEqual(10)
    expect(chunks.filter((chunk) => chunk.length > 0)).toMatchObject([[{ first: 0 }]])
  })

  test('JSON', () => {
    const scopes = '{},'.repeat(count)
    const body = `{"resourceLogs":[{"scopeLogs":[${scopes}{"logRecords":[{"eventName":"order.paid"}]}]}]}`
    const chunks = [...fromJson(Buffer.from(body))]
    expect(chunks.map((chunk) => chunk.length)).toEqual([...Array.from({ length: 10 }, () => 0), 1])
  })

  test('and it is answered as any other', async () => {
    const { post, intake } = await listening()
    const body = Buffer.concat([
      repeated(field(0x0a, nothing), count),
      encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ eventName: 'order.paid' }] }] }] }),
    ])
    expect((await post(body, { 'content-type': 'application/x-protobuf' })).status).toBe(200)
    expect(intake.recordChunks.map(({ records }) => records.length)).toEqual([1])
  })
})

test.each([
  [
    'resources',
    `{"resourceLogs":[${'{},'.repeat(1_000_000)}{}]}`,
    'more than 1000000 objects and lists beside the records of one request',
  ],
  [
    'records',
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${'{},'.repeat(4_000_000)}{}]}]}]}`,
    'more than 4000000 records in one request',
  ],
])('JSON of too many %s is to come in smaller requests', (_what, body, why) => {
  const error = refusalOf(Buffer.from(body))
  expect(error).toMatchObject({ code: 'body_too_large', message: why, hint: 'send it in smaller requests' })
})

function refusalOf(body: Buffer): unknown {
  try {
    jsonLogsDecoder(body)
  } catch (thrown) {
    if (thrown instanceof AffiantError) return thrown
    throw thrown
  }
  return undefined
}

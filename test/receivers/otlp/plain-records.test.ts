// Records laid out straight from protobuf are what the decoder of objects makes of the same bytes, or are left to it.
import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBodies } from '../../../bench/otlp/bodies.ts'
import { decodedRecord, type LineRecord } from '../../../src/event/record.ts'
import { decodePlainLogs, decodeProtobufLogs } from '../../../src/receivers/otlp/logs-decoder.ts'
import { PlainRecords } from '../../../src/receivers/otlp/plain-records.ts'
import { withOwnId } from '../../../src/receivers/server/record-keys.ts'
import { plainRecord } from './arbitrary-record.ts'
import { request } from './arbitrary-request.ts'
import { encodeRequest, type RequestObject } from './oracle.ts'

const memory = Buffer.from(new ArrayBuffer(1024 * 1024))

/** Holds what is laid out of a body to what the other way makes of it; returns how many records were, of how many. */
function both(body: Buffer): { readonly laidOut: number; readonly records: number } {
  const plain = new PlainRecords(body, memory)
  const expected = [...decodeProtobufLogs(body)].flat()
  let laidOut = 0
  let at = 0
  for (const chunk of decodePlainLogs(body, plain)) {
    for (const record of chunk) {
      const other = expected[at++]!
      if (!('layout' in record)) {
        deepStrictEqual(record, other)
        continue
      }
      laidOut++
      deepStrictEqual(decodedRecord(record, plain.values), other)
      if (record.id) deepStrictEqual(withOwnId(record, plain.values), withOwnId(other, undefined))
    }
  }
  expect(at).toBe(expected.length)
  return { laidOut, records: at }
}

test('random records', () => {
  let laidOut = 0
  let records = 0
  fc.assert(
    fc.property(fc.array(plainRecord, { maxLength: 5 }), (logRecords) => {
      const counts = both(encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }))
      laidOut += counts.laidOut
      records += counts.records
    }),
    { numRuns: 200 },
  )
  expect(laidOut).toBeGreaterThan(records / 10)
  expect(laidOut).toBeLessThan(records)
})

test('random requests', () => {
  fc.assert(
    fc.property(request, (sample) => {
      both(encodeRequest(sample.protobuf))
    }),
    { numRuns: 100 },
  )
})

test('all records of an ordinary exporter', () => {
  for (const body of encodeBodies(2, 500)) expect(both(body)).toEqual({ laidOut: 500, records: 500 })
})

const attribute = (key: string, value: object) => ({ key, value })
const requestOf = (record: object, resource: object = { attributes: [] }): RequestObject => ({
  resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }],
})
const plain = {
  timeUnixNano: '1795417113120000000',
  attributes: [
    attribute('audit.record.id', { stringValue: '0193F1C8-3B5E-7C59-8D7E-4C1D8F0A9B11' }),
    attribute('a', { stringValue: 'ü "quoted"\n\\ \u0001 😀' }),
    attribute('b', { boolValue: true }),
    attribute('c', { intValue: '999999999999999' }),
    attribute('d', { doubleValue: -0.000001 }),
    attribute('e', { stringValue: '' }),
  ],
}

describe('taken', () => {
  test.each<[string, object]>([
    ['what is plain', plain],
    ['nothing at all', {}],
    [
      'an id of another kind',
      { attributes: [attribute('log.record.uid', { stringValue: 'x'.repeat(300) })] },
    ],
    ['an id that is none', { attributes: [attribute('audit.record.id', { stringValue: 'x' })] }],
    [
      'zeros',
      { traceId: Buffer.alloc(16).toString('base64'), timeUnixNano: '0', severityNumber: 0, flags: 0 },
    ],
    ['a number without a fraction', { body: { doubleValue: 3 } }],
    [
      'the smallest and the largest',
      { body: { doubleValue: 1e-6 }, attributes: [attribute('x', { doubleValue: 999_999_999_999_999 })] },
    ],
  ])('%s', (_name, record) => {
    const service = { attributes: [attribute('service.name', { stringValue: 'shop' })] }
    expect(both(encodeRequest(requestOf(record, service)))).toEqual({ laidOut: 1, records: 1 })
  })
})

describe('left to the decoder of objects', () => {
  test.each<[string, object]>([
    [
      'a key that is there twice',
      { attributes: [...plain.attributes, attribute('a', { boolValue: false })] },
    ],
    ['a key with a quote', { attributes: [attribute('a"b', { boolValue: false })] }],
    ['a key that is a number', { attributes: [attribute('b', {}), attribute('7', { boolValue: true })] }],
    ['an integer of 16 digits', { attributes: [attribute('a', { intValue: '1000000000000000' })] }],
    ['a number of 17 digits', { body: { doubleValue: 0.1 + 0.2 } }],
    ['a number with an exponent', { body: { doubleValue: 1e-7 } }],
    ['an integer beyond 2^53', { attributes: [attribute('a', { intValue: '9007199254740992' })] }],
    ['a negative integer', { attributes: [attribute('a', { intValue: '-1' })] }],
    ['no number', { body: { doubleValue: Number.NaN } }],
    ['a list', { attributes: [attribute('a', { arrayValue: { values: [{ boolValue: true }] } })] }],
    ['a map', { body: { kvlistValue: { values: [attribute('a', { intValue: '1' })] } } }],
    ['bytes', { attributes: [attribute('a', { bytesValue: 'AAEC' })] }],
    ['an id of a trace that is too short', { traceId: 'AAEC' }],
    ['a severity that does not exist', { severityNumber: 25 }],
    ['a long record', { body: { stringValue: 'x'.repeat(9000) } }],
  ])('%s', (_name, record) => {
    expect(both(encodeRequest(requestOf({ ...plain, ...record })))).toEqual({ laidOut: 0, records: 1 })
  })

  test('text that is not UTF-8, fields that come twice, fields that are not known', () => {
    const body = encodeRequest(requestOf(plain))
    const broken = Buffer.from(body)
    broken[broken.indexOf('quoted')] = 0xff
    expect(both(broken)).toEqual({ laidOut: 0, records: 1 })
    const logRecord = (...content: number[]) => {
      const inner = Buffer.from([0x12, content.length, ...content])
      const scope = Buffer.from([0x12, inner.length, ...inner])
      return Buffer.from([0x0a, scope.length, ...scope])
    }
    const time = [0x09, 1, 2, 3, 4, 5, 6, 7, 8]
    expect(both(logRecord(...time))).toEqual({ laidOut: 1, records: 1 })
    expect(both(logRecord(...time, ...time))).toEqual({ laidOut: 0, records: 1 })
    expect(both(logRecord(...time, 0x6a, 1, 0))).toEqual({ laidOut: 0, records: 1 })
  })

  test('what a resource has a warning of', () => {
    const twice = { attributes: [attribute('a', { boolValue: true }), attribute('a', { boolValue: false })] }
    expect(both(encodeRequest(requestOf(plain, twice)))).toEqual({ laidOut: 0, records: 1 })
  })
})

test('of many keys some are learnt, and all are what the other way makes of them', () => {
  const logRecords = Array.from({ length: 8000 }, (_, n) => ({
    attributes: [attribute(`key ${n}`, { intValue: n }), attribute('a', { boolValue: true })],
  }))
  const body = encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  const { laidOut, records } = both(body)
  expect(records).toBe(8000)
  expect(laidOut).toBeGreaterThan(3000)
  expect(laidOut).toBeLessThan(8000)
  // Those that follow pay for what is new in them.
  const alike = Array.from({ length: 500 }, () => plain)
  expect(
    both(encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords: alike }] }] })).laidOut,
  ).toBeGreaterThan(400)
})

test('a chunk ends where there is no more room', () => {
  const [body] = encodeBodies(1, 500)
  const small = new PlainRecords(body!, Buffer.from(new ArrayBuffer(64 * 1024)))
  const chunks = [...decodePlainLogs(body!, small)].map((chunk) => chunk.length)
  expect(chunks.length).toBeGreaterThan(5)
  expect(chunks.reduce((sum, length) => sum + length)).toBe(500)
})

test('the last values stay there when nothing follows, however many they are', () => {
  const logRecords = Array.from({ length: 1000 }, (_, n) => ({ body: { intValue: n + 1 } }))
  const body = encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  const plain = new PlainRecords(body, memory)
  const chunks = decodePlainLogs(body, plain)
  const records = chunks.next().value as LineRecord[]
  expect(chunks.next().done).toBe(true)
  expect(decodedRecord(records[999]!, plain.values).value.body).toBe(1000)
})

test('wherever a body is cut, both say the same', () => {
  const [body] = encodeBodies(1, 2)
  const result = (decode: (cut: Buffer) => unknown, cut: Buffer) => {
    try {
      decode(cut)
      return 'taken'
    } catch (thrown) {
      return String(thrown)
    }
  }
  for (let length = 0; length < body!.length; length++) {
    const cut = body!.subarray(0, length)
    const lines = (bytes: Buffer) => [...decodePlainLogs(bytes, new PlainRecords(bytes, memory))]
    expect(result(lines, cut)).toBe(result((bytes) => [...decodeProtobufLogs(bytes)], cut))
  }
})

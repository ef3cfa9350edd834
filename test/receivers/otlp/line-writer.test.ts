// Lines of JSON straight from protobuf are what the decoder of objects makes of the same bytes, or are left to it.
import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBodies } from '../../../bench/otlp/bodies.ts'
import { decodedRecord } from '../../../src/event/record.ts'
import { LineWriter } from '../../../src/receivers/otlp/line-writer.ts'
import { decodeProtobufLines, decodeProtobufLogs } from '../../../src/receivers/otlp/logs-decoder.ts'
import { withOwnId } from '../../../src/receivers/server/record-keys.ts'
import { request } from './arbitrary-request.ts'
import { encodeRequest, type RequestObject } from './oracle.ts'

const memory = Buffer.from(new ArrayBuffer(1024 * 1024))

/** Holds the lines of a body to what the other way makes of it; returns how many there were, of how many records. */
function both(body: Buffer): { readonly lines: number; readonly records: number } {
  const writer = new LineWriter(body, memory)
  const expected = [...decodeProtobufLogs(body)].flat()
  let lines = 0
  let at = 0
  for (const chunk of decodeProtobufLines(body, writer)) {
    for (const record of chunk) {
      const other = expected[at++]!
      if (!('start' in record)) {
        deepStrictEqual(record, other)
        continue
      }
      lines++
      deepStrictEqual(decodedRecord(record, writer.lines), other)
      if (record.id) deepStrictEqual(withOwnId(record, writer.lines), withOwnId(other, undefined))
    }
  }
  expect(at).toBe(expected.length)
  return { lines, records: at }
}

const text = fc.string({ unit: 'grapheme', maxLength: 30 })
const scalar = fc.oneof(
  text.map((stringValue) => ({ stringValue })),
  fc.boolean().map((boolValue) => ({ boolValue })),
  fc.bigInt({ min: -3n, max: 1n << 60n }).map((intValue) => ({ intValue: String(intValue) })),
  fc.double().map((doubleValue) => ({ doubleValue })),
)
const key = fc.oneof(
  fc.constantFrom('audit.record.id', 'log.record.uid', 'a', '__proto__'),
  fc.stringMatching(/^[a-z][ -~]{0,9}$/),
)
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const id = (bytes: number) =>
  optional(
    fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((all) => Buffer.from(all).toString('base64')),
  )
const simple = fc.record({
  timeUnixNano: optional(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String)),
  observedTimeUnixNano: optional(fc.bigInt({ min: 0n, max: 1n << 62n }).map(String)),
  severityNumber: optional(fc.nat(24)),
  severityText: optional(text),
  eventName: optional(text),
  body: optional(scalar),
  attributes: fc
    .array(fc.record({ key, value: scalar }), { maxLength: 8 })
    .map((all) => [...all, { key: 'audit.record.id', value: { stringValue: 'r1' } }]),
  droppedAttributesCount: optional(fc.nat()),
  flags: optional(fc.nat()),
  traceId: id(16),
  spanId: id(8),
})

test('random records', () => {
  let lines = 0
  let records = 0
  fc.assert(
    fc.property(fc.array(simple, { maxLength: 5 }), (logRecords) => {
      const counts = both(encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }))
      lines += counts.lines
      records += counts.records
    }),
    { numRuns: 200 },
  )
  expect(lines).toBeGreaterThan(records / 10)
  expect(lines).toBeLessThan(records)
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
  for (const body of encodeBodies(2, 500)) expect(both(body)).toEqual({ lines: 500, records: 500 })
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
    attribute('c', { intValue: '9007199254740991' }),
    attribute('d', { doubleValue: -0.1e-9 }),
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
      { body: { doubleValue: 5e-324 }, attributes: [attribute('x', { doubleValue: 1.7e308 })] },
    ],
  ])('%s', (_name, record) => {
    const service = { attributes: [attribute('service.name', { stringValue: 'shop' })] }
    expect(both(encodeRequest(requestOf(record, service)))).toEqual({ lines: 1, records: 1 })
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
    expect(both(encodeRequest(requestOf({ ...plain, ...record })))).toEqual({ lines: 0, records: 1 })
  })

  test('text that is not UTF-8, fields that come twice, fields that are not known', () => {
    const body = encodeRequest(requestOf(plain))
    const broken = Buffer.from(body)
    broken[broken.indexOf('quoted')] = 0xff
    expect(both(broken)).toEqual({ lines: 0, records: 1 })
    const logRecord = (...content: number[]) => {
      const inner = Buffer.from([0x12, content.length, ...content])
      const scope = Buffer.from([0x12, inner.length, ...inner])
      return Buffer.from([0x0a, scope.length, ...scope])
    }
    const time = [0x09, 1, 2, 3, 4, 5, 6, 7, 8]
    expect(both(logRecord(...time))).toEqual({ lines: 1, records: 1 })
    expect(both(logRecord(...time, ...time))).toEqual({ lines: 0, records: 1 })
    expect(both(logRecord(...time, 0x6a, 1, 0))).toEqual({ lines: 0, records: 1 })
  })

  test('what a resource has a warning of', () => {
    const twice = { attributes: [attribute('a', { boolValue: true }), attribute('a', { boolValue: false })] }
    expect(both(encodeRequest(requestOf(plain, twice)))).toEqual({ lines: 0, records: 1 })
  })
})

test('many keys are forgotten, and learnt again', () => {
  const logRecords = Array.from({ length: 6000 }, (_, n) => ({
    attributes: [attribute(`key ${n}`, { intValue: n }), attribute('a', { boolValue: true })],
  }))
  const body = encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  expect(both(body)).toEqual({ lines: 6000, records: 6000 })
  expect(both(encodeRequest(requestOf(plain)))).toEqual({ lines: 1, records: 1 })
})

test('a chunk ends where there is no more room', () => {
  const [body] = encodeBodies(1, 500)
  const small = new LineWriter(body!, Buffer.from(new ArrayBuffer(64 * 1024)))
  const chunks = [...decodeProtobufLines(body!, small)].map((chunk) => chunk.length)
  expect(chunks.length).toBeGreaterThan(5)
  expect(chunks.reduce((sum, length) => sum + length)).toBe(500)
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
    const lines = (bytes: Buffer) => [...decodeProtobufLines(bytes, new LineWriter(bytes, memory))]
    expect(result(lines, cut)).toBe(result((bytes) => [...decodeProtobufLogs(bytes)], cut))
  }
})

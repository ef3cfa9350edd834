import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AffiantError } from '../../../src/errors.ts'
import { decodePlainLogs, decodeProtobufLogs } from '../../../src/receivers/otlp/logs-decoder.ts'
import { PlainRecords } from '../../../src/receivers/otlp/plain-records.ts'
import { request } from './arbitrary-request.ts'
import { decodeRequest, encodeRequest } from './oracle.ts'

const decode = (body: Buffer) => [...decodeProtobufLogs(body)].flat()
const bytes = (...values: (number | Buffer)[]) =>
  Buffer.concat(values.map((value) => (typeof value === 'number' ? Buffer.from([value]) : value)))
/** A length-delimited field of fewer than 16 KiB; the length takes two bytes where it needs them. */
const field = (number: number, content: Buffer) => {
  const { length } = content
  return length < 128
    ? bytes(number * 8 + 2, length, content)
    : bytes(number * 8 + 2, (length & 0x7f) | 0x80, length >>> 7, content)
}
/** A request of one record with this LogRecord. */
const logRecord = (content: Buffer) => field(1, field(2, field(2, content)))
const attribute = (key: string | Buffer, value: Buffer) =>
  field(6, bytes(field(1, Buffer.from(key)), field(2, value)))

function refusal(body: Buffer): string {
  try {
    decode(body)
  } catch (thrown) {
    if (thrown instanceof AffiantError && thrown.code === 'bad_request') return thrown.message
    throw thrown
  }
  return 'accepted'
}

/** Making a random request costs more than decoding it many times: these are made once. */
const body = fc.constantFrom(
  ...fc
    .sample(request, { numRuns: 40, seed: 20261123 })
    .map((sample) => encodeRequest(sample.protobuf))
    .filter((encoded) => encoded.length > 0),
)

describe('what protobufjs encodes', () => {
  test('comes out as it went in, whatever it is', () => {
    fc.assert(
      fc.property(request, (sample) => {
        deepStrictEqual(
          decode(encodeRequest(sample.protobuf)).map(({ value }) => value),
          sample.expected,
        )
      }),
      { numRuns: 100 },
    )
  })

  test('is refused wherever it is cut, unless protobufjs takes it too', () => {
    fc.assert(
      fc.property(body, fc.nat(), (whole, at) => {
        const cut = whole.subarray(0, at % whole.length)
        let accepted = true
        try {
          decodeRequest(cut)
        } catch {
          accepted = false
        }
        expect(refusal(cut) === 'accepted').toBe(accepted)
      }),
      { numRuns: 500 },
    )
  })
})

test('any bytes are decoded or refused with a place, and never anything else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (random) => {
      expect(refusal(Buffer.from(random))).toMatch(/^accepted$|at byte \d+/)
    }),
    { numRuns: 1000 },
  )
})

test('any damage to a request is decoded or refused with a place, and never anything else', () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(body, edits, (whole, list) => {
      const damaged = Buffer.from(whole)
      for (const [at, byte] of list) damaged[at % damaged.length] = byte
      expect(refusal(damaged)).toMatch(/^accepted$|at byte \d+/)
    }),
    { numRuns: 1000 },
  )
})

test.each([
  ['a group', bytes(0x0b), 'a group, which OTLP has none of', 0],
  ['a wire type that does not exist', bytes(0x0f), 'wire type 7 does not exist', 0],
  ['field number 0', bytes(0x02, 0), 'field number 0', 0],
  ['a length beyond the end', bytes(0x0a, 5, 1), 'a length of 5 bytes where 1 are left', 1],
  [
    'a length of more than 32 bits',
    bytes(0x0a, 0x80, 0x80, 0x80, 0x80, 0x10),
    'a length of 4294967296 bytes',
    1,
  ],
  ['a negative length', bytes(0x0a, Buffer.alloc(9, 0xff), 1), 'a length of 18446744073709552000 bytes', 1],
  ['a number without its end', bytes(0x0a, 0x80), 'ends in the middle of a number', 1],
  ['a number that does not end', bytes(0x10, Buffer.alloc(11, 0xff)), 'a number of more than 10 bytes', 1],
  ['a known field of another type', bytes(0x08, 1), 'is length-delimited on the wire, not varint', 0],
  ['a time cut short', logRecord(bytes(0x09, 1, 2, 3)), '8 bytes expected where 3 are left', 7],
  // The inner length must not reach into what follows its message.
  [
    'a length beyond its message',
    bytes(field(1, bytes(0x12, 9)), Buffer.alloc(20, 8)),
    'a length of 9 bytes',
    3,
  ],
])('%s is refused with what and where', (_name, body, what, at) => {
  expect(refusal(body)).toContain(what)
  expect(refusal(body)).toContain(`at byte ${at}:`)
})

test('an error in a record says which one it is', () => {
  const good = field(2, Buffer.alloc(0))
  const scope = (...records: Buffer[]) => field(2, bytes(...records))
  const request = bytes(
    field(1, scope(good)),
    field(1, bytes(scope(), scope(good, good, field(2, bytes(0x09, 1))))),
  )
  expect(refusal(request)).toBe(
    'invalid protobuf at byte 19: 8 bytes expected where 1 are left, in resourceLogs[1].scopeLogs[1].logRecords[2]',
  )
})

test('unknown fields of every wire type are stepped over', () => {
  const unknown = bytes(
    0xa0,
    0x06,
    1,
    0xa1,
    0x06,
    Buffer.alloc(8),
    0xa2,
    0x06,
    2,
    0,
    0,
    0xa5,
    0x06,
    Buffer.alloc(4),
  )
  const log = bytes(unknown, attribute('k', bytes(unknown, field(1, Buffer.from('v')), unknown)), unknown)
  const body = bytes(
    unknown,
    field(1, bytes(unknown, field(2, bytes(unknown, field(2, log), unknown)))),
    unknown,
  )
  expect(decode(body).map(({ value }) => value.attributes)).toEqual([{ k: 'v' }])
})

test('a resource and a scope that follow their records describe them all the same', () => {
  const resource = field(
    1,
    field(1, bytes(field(1, Buffer.from('service.name')), field(2, field(1, Buffer.from('orders'))))),
  )
  const scope = field(1, field(1, Buffer.from('audit')))
  const body = field(
    1,
    bytes(field(2, bytes(field(2, attribute('k', field(1, Buffer.from('v')))), scope)), resource),
  )
  expect(decode(body)[0]?.value).toMatchObject({
    resource: { 'service.name': 'orders' },
    scope: { name: 'audit' },
  })
})

test('what JSON cannot say is kept as text, with a warning', () => {
  const int = (value: bigint) => ({ intValue: String(value) })
  const attributes = [
    { key: 'big', value: int(2n ** 53n) },
    { key: 'least', value: int(-(2n ** 63n)) },
    { key: 'exact', value: int(2n ** 53n - 1n) },
    { key: 'nan', value: { doubleValue: 'NaN' } },
    { key: 'inf', value: { arrayValue: { values: [{ doubleValue: '-Infinity' }] } } },
    { key: 'bytes', value: { bytesValue: 'AAEC' } },
  ]
  const body = encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] })
  const [record] = decode(body)
  expect(record?.value.attributes).toStrictEqual({
    big: '9007199254740992',
    least: '-9223372036854775808',
    exact: 9007199254740991,
    nan: 'NaN',
    inf: ['-Infinity'],
    bytes: 'AAEC',
  })
  expect(record?.warnings).toEqual([
    'big is an integer beyond 2^53-1, kept as a string',
    'least is an integer beyond 2^53-1, kept as a string',
    'nan is NaN, kept as a string',
    'inf is -Infinity, kept as a string',
    'bytes is bytes, kept as base64',
  ])
})

test('a value may come before its key', () => {
  const pair = bytes(field(2, field(7, bytes(1))), field(1, Buffer.from('k')))
  const [record] = decode(logRecord(field(6, pair)))
  expect(record).toMatchObject({
    value: { attributes: { k: 'AQ==' } },
    warnings: ['k is bytes, kept as base64'],
  })
})

test('entity references stay beside the resource', () => {
  const text = (number: number, value: string) => field(number, Buffer.from(value))
  const ref = bytes(text(2, 'service'), text(3, 'service.name'), text(4, 'service.version'), text(1, 'u'))
  const resource = field(1, bytes(field(3, ref), field(3, Buffer.alloc(0))))
  const [record] = decode(field(1, bytes(resource, field(2, field(2, Buffer.alloc(0))))))
  expect(record?.value).toMatchObject({
    resource_entity_refs: [
      { type: 'service', id_keys: ['service.name'], description_keys: ['service.version'], schema_url: 'u' },
      {},
    ],
  })
})

test('bytes that are not UTF-8 become U+FFFD with a warning; a U+FFFD that was sent does not', () => {
  const log = bytes(
    attribute('bad', field(1, Buffer.from([0x61, 0xff]))),
    attribute('fine', field(1, Buffer.from('\ufffd'))),
    attribute(Buffer.from([0xc3]), field(1, Buffer.from('x'))),
  )
  const [record] = decode(logRecord(log))
  expect(record?.value.attributes).toStrictEqual({ bad: 'a\ufffd', fine: '\ufffd', '\ufffd': 'x' })
  expect(record?.warnings).toEqual([
    expect.stringContaining('bad was not UTF-8'),
    expect.stringContaining('the key \ufffd was not UTF-8'),
  ])
})

describe('what comes twice in one message', () => {
  const time = (byte: number) => bytes(0x09, Buffer.alloc(8, byte))
  const string = (text: string) => field(1, Buffer.from(text))
  const map = (key: string) => field(6, field(1, bytes(string(key), field(2, string('x')))))
  const list = (text: string) => field(5, field(1, string(text)))
  const value = (content: Buffer) => decode(logRecord(content))[0]!.value

  test('of numbers and texts the last one counts, also where it says "not set"', () => {
    const twice = (first: Buffer, last: Buffer) => value(bytes(first, last))
    expect(twice(time(0), time(1))).toMatchObject({ timestamp: '72340172838076673' })
    for (const [first, last] of [
      [time(1), time(0)],
      [bytes(0x59, Buffer.alloc(8, 1)), bytes(0x59, Buffer.alloc(8))],
      [bytes(0x10, 9), bytes(0x10, 0)],
      [field(3, Buffer.from('INFO')), field(3, Buffer.alloc(0))],
      [bytes(0x38, 1), bytes(0x38, 0)],
      [bytes(0x45, Buffer.alloc(4, 1)), bytes(0x45, Buffer.alloc(4))],
      [field(9, Buffer.alloc(16, 1)), field(9, Buffer.alloc(0))],
      [field(10, Buffer.alloc(8, 1)), field(10, Buffer.alloc(0))],
      [field(12, Buffer.from('order.read')), field(12, Buffer.alloc(0))],
    ] as const)
      expect(twice(first, last)).toEqual({ attributes: {}, resource: {} })
  })

  test('messages are merged', () => {
    expect(value(bytes(field(5, map('a')), field(5, map('b')))).body).toEqual({ a: 'x', b: 'x' })
    expect(value(bytes(field(5, list('a')), field(5, list('b')))).body).toEqual(['a', 'b'])
    expect(value(bytes(field(5, string('a')), field(5, Buffer.alloc(0)))).body).toBe('a')
    expect(value(bytes(field(5, map('a')), field(5, list('b')))).body).toEqual(['b'])
  })

  test('the values of a key are, wherever that stands', () => {
    const [key, a, b] = [field(1, Buffer.from('k')), field(2, map('a')), field(2, map('b'))]
    const orders = [
      [key, a, b],
      [a, key, b],
      [a, b, key],
    ]
    for (const parts of orders)
      expect(value(field(6, bytes(...parts))).attributes).toEqual({ k: { a: 'x', b: 'x' } })
  })

  test('a scope is', () => {
    const scope = (...content: Buffer[]) => field(1, bytes(...content))
    const [name, version] = [string('audit'), field(2, Buffer.from('1'))]
    const request = (...scopes: Buffer[]) => field(1, field(2, bytes(...scopes, field(2, Buffer.alloc(0)))))
    expect(decode(request(scope(name), scope(version)))[0]!.value.scope).toEqual({
      name: 'audit',
      version: '1',
    })
    expect(decode(request(scope(name, version), scope(string(''))))[0]!.value.scope).toEqual({ version: '1' })
  })
})

test('of a key given twice the last value wins, with a warning', () => {
  const log = bytes(
    attribute('k', field(1, Buffer.from('first'))),
    attribute('k', field(1, Buffer.from('last'))),
  )
  const [record] = decode(logRecord(log))
  expect(record?.value.attributes).toEqual({ k: 'last' })
  expect(record?.warnings).toEqual(['k is there more than once: the last one is kept'])
})

test('warnings are bounded, and say how many there were', () => {
  const log = Buffer.concat(Array.from({ length: 100 }, () => attribute('k', field(1, Buffer.from('v')))))
  const body = logRecord(log)
  expect(decode(body)[0]?.warnings).toHaveLength(17)
  expect(decode(body)[0]?.warnings?.at(-1)).toBe('and 83 more warnings of this record')
})

test('nesting is bounded before it is followed', () => {
  const nested = (depth: number) => {
    let value = field(1, Buffer.from('deep'))
    for (let level = 0; level < depth; level++) value = field(5, field(1, value))
    return logRecord(field(5, value))
  }
  expect(refusal(nested(64))).toBe('accepted')
  expect(refusal(nested(65))).toContain('nested more than 64 deep')
})

test('an id that is not one is left out, and the warning says what it was', () => {
  const log = bytes(field(9, Buffer.from('abcd', 'hex')), field(10, Buffer.alloc(8)))
  const [record] = decode(logRecord(log))
  expect(record?.value).not.toHaveProperty('trace_id')
  expect(record?.value).not.toHaveProperty('span_id')
  expect(record?.warnings).toEqual(['trace_id is not 32 hex digits, left out: abcd'])
})

describe('ids of the producer', () => {
  const one = (attributes: Record<string, string>, service?: string) => {
    const list = Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } }))
    const resource = { attributes: service ? [{ key: 'service.name', value: { stringValue: service } }] : [] }
    const scopeLogs = [{ logRecords: [{ attributes: list }] }]
    return decode(encodeRequest({ resourceLogs: [{ resource, scopeLogs }] }))[0]?.id
  }

  test.each([
    [
      'a UUID is taken as it is, in lower case',
      { 'audit.record.id': '8F3C0000-0000-4000-8000-00000000000A' },
      { uuid: '8f3c0000-0000-4000-8000-00000000000a' },
    ],
    [
      'any other id belongs to its service',
      { 'log.record.uid': '01ARZ3' },
      { uid: '01ARZ3', producer: 'orders' },
    ],
    [
      'what should be a UUID and is none is not',
      { 'audit.record.id': 'x', 'log.record.uid': 'y' },
      { uid: 'y', producer: 'orders' },
    ],
    ['no id, none', { other: 'z' }, undefined],
  ])('%s', (_name, attributes, expected) => {
    expect(one(attributes, 'orders')).toEqual(expected)
  })

  test('without a service the producer is empty', () => {
    expect(one({ 'log.record.uid': 'y' })).toEqual({ uid: 'y', producer: '' })
  })
})

test('chunks are bounded in records and in bytes', () => {
  const logRecords = (count: number, size: number) =>
    Array.from({ length: count }, () => ({ body: { stringValue: 'x'.repeat(size) } }))
  const lengths = (count: number, size: number) => {
    const body = encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords: logRecords(count, size) }] }] })
    return [...decodeProtobufLogs(body)].map((chunk) => chunk.length)
  }
  expect(lengths(2500, 10)).toEqual([1000, 1000, 500])
  expect(lengths(5, 600_000)).toEqual([2, 2, 1])
})

test('chunks are bounded in what their records have of resource and scope, which are sent once', () => {
  const big = (size: number) => ({
    attributes: [{ key: 'a', value: { stringValue: 'x'.repeat(size) } }],
  })
  const lengths = (resource: object, scope: object) => {
    const scopeLogs = [{ scope, logRecords: Array.from({ length: 1000 }, () => ({})) }]
    const body = encodeRequest({ resourceLogs: [{ resource, scopeLogs }] })
    const chunks = [...decodeProtobufLogs(body)].map((chunk) => chunk.length)
    const plain = new PlainRecords(body, Buffer.from(new ArrayBuffer(1024 * 1024)))
    const most = Math.max(...[...decodePlainLogs(body, plain)].map((chunk) => chunk.length))
    expect(most).toBeLessThanOrEqual(chunks[0]!)
    return chunks
  }
  expect(lengths(big(3000), {})).toEqual([1000])
  expect(lengths(big(40_000), {})).toEqual([105, 105, 105, 105, 105, 105, 105, 105, 105, 55])
  expect(lengths({}, big(1_000_000)).slice(0, 2)).toEqual([5, 5])
})

test('scopes without records cost next to nothing, however large their resource is', () => {
  const value = field(2, field(1, Buffer.alloc(10_000, 'x')))
  const resource = field(1, field(1, bytes(field(1, Buffer.from('a')), value)))
  const scopes = Buffer.alloc(400_000, Buffer.from([0x12, 0]))
  const content = bytes(resource, scopes)
  const length = content.length
  const prefix = [0x0a, (length & 0x7f) | 0x80, ((length >>> 7) & 0x7f) | 0x80, length >>> 14]
  const body = bytes(...prefix, content)
  const from = process.cpuUsage()
  expect(
    [...decodePlainLogs(body, new PlainRecords(body, Buffer.from(new ArrayBuffer(1024))))].flat(),
  ).toEqual([])
  // By its resource each would take some ten microseconds.
  expect(process.cpuUsage(from).user / 1000).toBeLessThan(1000)
})

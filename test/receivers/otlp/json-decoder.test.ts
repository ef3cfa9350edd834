import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AffiantError, asError } from '../../../src/errors.ts'
import { jsonLogsDecoder } from '../../../src/receivers/otlp/json-decoder.ts'
import { request } from './arbitrary-request.ts'

const decodeBytes = (body: Buffer) =>
  [...jsonLogsDecoder(body)()].flat().map((record) => {
    if ('text' in record) throw new Error('it has too many values')
    return record
  })
const decode = (body: unknown) =>
  decodeBytes(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
const one = (record: unknown) => decode({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })[0]
const oneAttribute = (value: unknown) => one({ attributes: [{ key: 'k', value }] })

function refusal(body: unknown): string {
  try {
    decode(body)
  } catch (thrown) {
    if (thrown instanceof AffiantError && thrown.code === 'bad_request') return thrown.message
    throw thrown
  }
  return 'accepted'
}
const logOf = (record: object) => ({ scopeLogs: [{ logRecords: [record] }] })
const refusalOf = (record: unknown) => refusal({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })

test('any request comes out as it does from protobuf', () => {
  fc.assert(
    fc.property(request, (sample) => {
      deepStrictEqual(
        decode(sample.json).map(({ value }) => value),
        sample.expected,
      )
    }),
    { numRuns: 100 },
  )
})

test('any JSON is decoded or refused, and never anything else', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      expect(refusal(text)).toMatch(/^accepted$|^invalid OTLP JSON at /)
    }),
    { numRuns: 300 },
  )
})

test('any value in any place of a request is decoded or refused with its path, and never anything else', () => {
  const places = [
    ['resourceLogs'],
    ['resourceLogs', '0', 'resource'],
    ['resourceLogs', '0', 'scopeLogs', '0', 'scope'],
    ['resourceLogs', '0', 'scopeLogs', '0', 'logRecords'],
    ...[
      'timeUnixNano',
      'severityNumber',
      'severityText',
      'body',
      'attributes',
      'flags',
      'traceId',
      'eventName',
    ].map((member) => ['resourceLogs', '0', 'scopeLogs', '0', 'logRecords', '0', member]),
  ]
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 4 }), (place, value) => {
      const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] }
      let at: Record<string, unknown> = body
      for (const step of place.slice(0, -1)) at = at[step] as Record<string, unknown>
      at[place.at(-1)!] = value
      expect(refusal(body)).toMatch(/^accepted$|^invalid OTLP JSON at (the top\.)?resourceLogs/)
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['', 'the body is not JSON'],
  ['{"resourceLogs":[', 'the body is not JSON'],
  ['[]', 'at the top: an object was expected, not an array'],
  ['{"resourceLogs":{}}', 'at the top.resourceLogs: an array was expected, not an object'],
  ['{"resourceLogs":[7]}', 'at resourceLogs[0]: an object was expected, not a number'],
])('%j is refused: %s', (body, message) => {
  expect(refusal(body)).toContain(message)
})

test.each([
  [{ timeUnixNano: '-1' }, 'logRecords[0].timeUnixNano'],
  [{ timeUnixNano: '18446744073709551616' }, 'logRecords[0].timeUnixNano'],
  [{ timeUnixNano: 1.5 }, 'logRecords[0].timeUnixNano'],
  [{ severityNumber: 'SEVERITY_NUMBER_INFO' }, 'logRecords[0].severityNumber'],
  [{ traceId: 5 }, 'logRecords[0].traceId'],
  [{ body: 'text' }, 'logRecords[0].body: an object was expected, not a string'],
  [{ attributes: [{ key: 'k', value: { intValue: 1.5 } }] }, 'logRecords[0].attributes[0].value.intValue'],
  [{ attributes: [{ key: 'k', value: { intValue: '9223372036854775808' } }] }, '.value.intValue'],
  [{ attributes: [{ key: 'k', value: { boolValue: 'true' } }] }, '.value.boolValue'],
  [{ attributes: [{ key: 'k', value: { doubleValue: '0x10' } }] }, '.value.doubleValue'],
  [{ attributes: [{ key: 'k', value: { bytesValue: '***' } }] }, '.value.bytesValue'],
  [{ attributes: [{ key: 'k', value: { bytesValue: 'AAAAA' } }] }, '.value.bytesValue'],
  [{ attributes: [{ key: 'k', value: { arrayValue: [] } }] }, '.value.arrayValue'],
])('%j is refused with its place', (record, place) => {
  expect(refusalOf(record)).toContain(place)
})

// The specification: "original field names are not valid". What stands under one must not be answered with success, and lost.
test.each<[string, object]>([
  ['at the top: names are in lowerCamelCase: resourceLogs, not resource_logs', { resource_logs: [] }],
  ['at resourceLogs[0]: names are in lowerCamelCase: scopeLogs, not scope_logs', { scope_logs: [] }],
  [
    'scopeLogs[0]: names are in lowerCamelCase: logRecords, not log_records',
    { scopeLogs: [{ log_records: [{}] }] },
  ],
  [
    'logRecords[0]: names are in lowerCamelCase: timeUnixNano, not time_unix_nano',
    logOf({ time_unix_nano: '1' }),
  ],
  ['logRecords[0]: names are in lowerCamelCase: traceId, not trace_id', logOf({ trace_id: 'ab' })],
  [
    'attributes[0].value: names are in lowerCamelCase: intValue, not int_value',
    logOf({ attributes: [{ key: 'k', value: { int_value: 1 } }] }),
  ],
])('%s', (message, group) => {
  expect(refusal('resource_logs' in group ? group : { resourceLogs: [group] })).toContain(message)
})

test('names that OTLP does not know are ignored, and so is what is said twice', () => {
  expect(
    one({ eventName: 'e', event_name: 'f', time: 1, body: { stringValue: 's', string_value: 't' } })?.value,
  ).toEqual({
    event_name: 'e',
    body: 's',
    attributes: {},
    resource: {},
  })
})

test('an error in what is no JSON says at which byte of the body, in large ones, too', () => {
  const record = JSON.stringify({ body: { stringValue: 'é'.repeat(1000) } })
  const body = (records: string, end = ']}]}]}') =>
    Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records}${end}`)
  const refusalIn = (bytes: Buffer) => {
    try {
      decodeBytes(bytes)
    } catch (thrown) {
      return asError(thrown).message
    }
    return 'accepted'
  }
  for (const count of [1, 1000]) {
    const records = Array.from({ length: count }, () => record).join()
    const whole = body(records)
    expect(refusalIn(body(records, ']}]}],}'))).toMatch(new RegExp(`at byte ${whole.length - 0}$`))
    expect(refusalIn(body(`${records},{"body":1 1}`))).toMatch(
      new RegExp(`at byte ${body(`${records},{"body":1 `, '').length}$`),
    )
  }
})

test('lists that stand twice in one object are refused, since only the last would be read', () => {
  const twice = (records: string) =>
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records}],"logRecords":[]}]}]}`
  expect(refusal(twice('{}'))).toContain('logRecords stands twice in one object')
  expect(refusal(twice(`{"eventName":"${'e'.repeat(1024 ** 2)}"}`))).toContain('logRecords stands twice')
  expect(refusal('{"resourceLogs":[{}],"resourceLogs":[]}')).toContain('resourceLogs stands twice')
  expect(refusal('{"resourceLogs":[{"scopeLogs":[],"scopeLogs" :null}]}')).toContain('scopeLogs stands twice')
  // However it is written.
  expect(refusal(String.raw`{"resourceLogs":[],"\u0072esourceLogs":[]}`)).toContain(
    'resourceLogs stands twice',
  )
  // As a text, as a key of an attribute, quoted in a text, or somewhere else it is nothing of the kind.
  const attributes = [{ key: 'logRecords', value: { stringValue: 'scopeLogs' } }]
  const body = { stringValue: '{"logRecords":[],"logRecords":[]}' }
  expect(refusalOf({ attributes, body, logRecords: [{ logRecords: 1 }, 'logRecords'] })).toBe('accepted')
})

describe('a name that stands twice in one object has its last value, with a warning', () => {
  const large = `"eventName":"${'e'.repeat(1024 ** 2)}"`
  const warningsOf = (records: string, resource = '{}', scope = '{}') =>
    decode(
      `{"resourceLogs":[{"resource":${resource},"scopeLogs":[{"scope":${scope},"logRecords":[${records}]}]}]}`,
    ).map(({ warnings }) => warnings)
  const said = (name: string) => `${name} is there more than once: the last one is kept`

  test.each([
    ['in a member', '"body":{"stringValue":"a"},"body" : {"stringValue":"b"}', 'body'],
    ['written otherwise', String.raw`"body":null,"bod\u0079":{"stringValue":"b"}`, 'body'],
    ['in a value', '"body":{"stringValue":"a","stringValue":"b"}', 'body.stringValue'],
    [
      'of an attribute',
      '"attributes":[{"key":"k"},{"key":"a","key":"b"}],"body":{"stringValue":"b"}',
      'attributes[1].key',
    ],
    ['that nobody knows', '"body":{"stringValue":"b"},"x":1,"x":1', 'x'],
  ])('%s', (_what, members, name) => {
    const [small] = decode(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{${members}}]}]}]}`)
    expect(small).toMatchObject({ value: { body: 'b' }, warnings: [said(name)] })
    // In the record that it is in, and no other; cut out of a large body, too.
    expect(warningsOf(`{},{${members}},{}`)).toEqual([undefined, [said(name)], undefined])
    expect(warningsOf(`{${large}},{${members}}`)).toEqual([undefined, [said(name)]])
  })

  test('of a resource, or a scope: in each of its records', () => {
    const twice = ['{"attributes":[],"attributes":[]}', '{"name":"a","name":"b"}'] as const
    const expected = [said('resource.attributes'), said('scope.name')]
    expect(warningsOf('{},{}', ...twice)).toEqual([expected, expected])
    expect(warningsOf(`{${large}}`, ...twice)).toEqual([expected])
  })

  test('so many are not all told of', () => {
    const [warnings] = warningsOf(`{${'"x":1,'.repeat(100_000)}"x":1}`)
    expect(warnings?.length).toBeLessThan(20)
    expect(warningsOf(`{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},"x":1}`)).toEqual([[said('x')]])
    expect(refusal(`{"resourceLogs":[${'{"x":1,"x":1},'.repeat(10_001)}{}]}`)).toContain(
      'in more than 10000 places',
    )
  })

  test('a colon in a text, or behind a quote in one, is none of a name', () => {
    const stringValue = String.raw`"a":1,"a":"\":": \":`
    expect(warningsOf(JSON.stringify({ body: { stringValue }, severityText: ':' }))).toEqual([undefined])
  })
})

test('entity references stay beside the resource', () => {
  const entityRefs = [
    { type: 'service', idKeys: ['service.name'], descriptionKeys: ['service.version'], schemaUrl: 'u' },
    {},
  ]
  const [record] = decode({ resourceLogs: [{ resource: { entityRefs }, scopeLogs: [{ logRecords: [{}] }] }] })
  expect(record?.value).toMatchObject({
    resource_entity_refs: [
      { type: 'service', id_keys: ['service.name'], description_keys: ['service.version'], schema_url: 'u' },
      {},
    ],
  })
})

describe('64-bit integers', () => {
  test('are exact as strings and as numbers', () => {
    const record = (time: string, value: string) =>
      decode(
        `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":${time},` +
          `"attributes":[{"key":"k","value":{"intValue":${value}}}]}]}]}]}`,
      )[0]
    for (const quote of ['', '"']) {
      const got = record(`${quote}1763895600000000001${quote}`, `${quote}9223372036854775807${quote}`)
      expect(got?.value.timestamp).toBe('1763895600000000001')
      expect(got?.value.attributes).toEqual({ k: '9223372036854775807' })
      expect(got?.warnings).toEqual(['k is an integer beyond 2^53-1, kept as a string'])
    }
  })

  test('a long number does not change what stands beside it', () => {
    const got = decode(
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":1763895600000000001,"severityNumber":9,' +
        '"attributes":[{"key":"k","value":{"doubleValue":1e300}},{"key":"d","value":{"doubleValue":12345678901234567890}}]}]}]}]}',
    )[0]
    expect(got?.value).toMatchObject({
      severity_number: 9,
      attributes: { k: 1e300, d: Number('12345678901234567890') },
    })
  })
})

test('ids come in either case, and out in lower case', () => {
  const record = one({ traceId: '5B8EFFF798038103D269B633813FC60C', spanId: 'eee19b7ec3c1b174' })
  expect(record?.value).toMatchObject({
    trace_id: '5b8efff798038103d269b633813fc60c',
    span_id: 'eee19b7ec3c1b174',
  })
})

test('an id in base64 is left out, with a warning that has it', () => {
  const record = one({ traceId: 'W47/95gDgQPSabYzgT/GDA==' })
  expect(record?.value).not.toHaveProperty('trace_id')
  expect(record?.warnings).toEqual(['trace_id is not 32 hex digits, left out: W47/95gDgQPSabYzgT/GDA=='])
})

test('doubles that JSON has no number for are text, with a warning', () => {
  expect(oneAttribute({ doubleValue: 'NaN' })).toMatchObject({
    value: { attributes: { k: 'NaN' } },
    warnings: ['k is NaN, kept as a string'],
  })
  expect(oneAttribute({ doubleValue: '1.5' })).toMatchObject({ value: { attributes: { k: 1.5 } } })
})

test('the URL alphabet of base64 is taken, the standard one comes out', () => {
  expect(oneAttribute({ bytesValue: '-_-_' })?.value.attributes).toEqual({ k: '+/+/' })
  expect(oneAttribute({ bytesValue: '-_-_AA' })).toMatchObject({
    value: { attributes: { k: '+/+/AA==' } },
    warnings: ['k is bytes, kept as base64'],
  })
})

test('unknown members and null are ignored', () => {
  expect(
    one({ eventName: 'login', traceId: null, body: null, attributes: null, later: { version: 2 } })?.value,
  ).toEqual({
    event_name: 'login',
    attributes: {},
    resource: {},
  })
})

test('a severity that does not exist is left out, with a warning', () => {
  expect(one({ severityNumber: 99 })).toMatchObject({
    warnings: ['severity_number 99 does not exist, left out'],
  })
})

test('nesting is bounded', () => {
  const nested = (depth: number) => {
    let value: object = { stringValue: 'deep' }
    for (let level = 0; level < depth; level++) value = { kvlistValue: { values: [{ key: 'k', value }] } }
    return { body: value }
  }
  expect(refusalOf(nested(64))).toBe('accepted')
  expect(refusalOf(nested(65))).toContain('nested more than 64 deep')
  expect(refusal('['.repeat(100_000))).toContain('the body is not JSON')
})

test('bytes that are not UTF-8 mark every record of the request', () => {
  const text = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ eventName: 'x~y' }, {}] }] }] })
  const body = Buffer.from(text)
  body[body.indexOf('~')] = 0xff
  const records = decodeBytes(body)
  expect(records[0]?.value.event_name).toBe('x\ufffdy')
  for (const record of records) expect(record.warnings).toEqual([expect.stringContaining('was not UTF-8')])
})

test('chunks are bounded in what their records have of resource and scope, which are sent once', () => {
  const attributes = [{ key: 'a', value: { stringValue: 'x'.repeat(1_000_000) } }]
  const logRecords = Array.from({ length: 12 }, () => ({}))
  const lengths = (request: object) =>
    [...jsonLogsDecoder(Buffer.from(JSON.stringify(request)))()].map((chunk) => chunk.length)
  expect(lengths({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] })).toEqual([
    5, 5, 2,
  ])
  expect(lengths({ resourceLogs: [{ scopeLogs: [{ scope: { attributes }, logRecords }] }] })).toEqual([
    5, 5, 2,
  ])
})

test('chunks are bounded in records and in bytes', () => {
  const lengths = (count: number, size: number) => {
    const logRecords = Array.from({ length: count }, () => ({ body: { stringValue: 'x'.repeat(size) } }))
    const body = Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }))
    return [...jsonLogsDecoder(body)()].map((chunk) => chunk.length)
  }
  expect(lengths(2500, 10)).toEqual([1000, 1000, 500])
  expect(lengths(2500, 1000)).toEqual([1000, 1000, 500])
  expect(lengths(5, 600_000)).toEqual([2, 2, 1])
})

describe('a large body, whose records are cut out before they are parsed', () => {
  /** The same request, made large by a member that nobody knows. */
  const large = (text: string) =>
    text.replace('{', `{"padding":${JSON.stringify(' ]}",{['.repeat(160_000))},`)

  test('comes out as a small one does', () => {
    const bodies = fc.sample(request, { numRuns: 25, seed: 20261123 })
    for (const { json, expected } of bodies) {
      const text = JSON.stringify(json)
      deepStrictEqual(
        decode(large(text)).map(({ value }) => value),
        expected,
      )
      deepStrictEqual(
        decode(large(JSON.stringify(json, null, '\t'))).map(({ value }) => value),
        expected,
      )
    }
  })

  test.each([
    ['[]', 'accepted'],
    ['[ ]', 'accepted'],
    ['[{},]', 'logRecords[1]'],
    ['[,{}]', 'logRecords[0]'],
    ['[,]', 'logRecords[0]'],
    ['[{} {}]', 'logRecords[0]'],
    ['[{}', 'the body is not JSON, at the top'],
    ['[{}}', 'the body is not JSON, at the top'],
    ['[{"a":[}]', 'the body is not JSON'],
    ['[{"severityText":"unended]', 'the body is not JSON'],
    ['[7]', 'logRecords[0]: an object was expected'],
    ['{}', 'logRecords: an array was expected'],
    ['[{"body":{"kvlistValue":{"values":[{"key":"logRecords","value":{}}]}}}]', 'accepted'],
  ])('logRecords %s: %s', (logRecords, outcome) => {
    const body = `{"resourceLogs":[{"scopeLogs":[{"logRecords":${logRecords}}]}]}`
    expect(refusal(large(body))).toContain(outcome)
    expect(refusal(body) === 'accepted').toBe(outcome === 'accepted')
  })

  test('a logRecords that is somebody else’s is not taken for ours', () => {
    const other = '{"other":[{"x":[{"logRecords":[{"eventName":"no"}]}]}],"logRecords":[{"eventName":"no"}],'
    const body = `${other}"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"yes"}]}]}]}`
    expect(decode(large(body)).map(({ value }) => value.event_name)).toEqual(['yes'])
  })
})

/** Random OTLP requests, each in three forms: for protobufjs, as OTLP JSON, and as the records that must come out. */
import fc from 'fast-check'
import type { RequestObject } from './oracle.ts'

export interface Sample {
  /** protobufjs' JSON form: ids as base64. */
  readonly protobuf: RequestObject
  /** OTLP's JSON form: ids as hex. */
  readonly json: RequestObject
  readonly expected: readonly unknown[]
}

interface Value {
  readonly any: RequestObject
  readonly expected: unknown
}

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const key = fc.oneof(fc.constantFrom('audit.action', 'user.id', '__proto__', 'constructor', '9', '10'), text)

const exact = (value: bigint) =>
  value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : String(value)
const scalar: fc.Arbitrary<Value> = fc.oneof(
  text.map((value) => ({ any: { stringValue: value }, expected: value })),
  fc.boolean().map((value) => ({ any: { boolValue: value }, expected: value })),
  fc
    .bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })
    .map((value) => ({ any: { intValue: String(value) }, expected: exact(value) })),
  fc.integer().map((value) => ({ any: { intValue: String(value) }, expected: value })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({
    any: { doubleValue: value },
    // JSON has no negative zero that survives being written.
    expected: value === 0 ? 0 : value,
  })),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => {
    const value = Buffer.from(bytes).toString('base64')
    return { any: { bytesValue: value }, expected: value }
  }),
  fc.constant({ any: {}, expected: null }),
)

const { value } = fc.letrec<{ value: Value; list: Value; map: Value }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, scalar, tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 4 }).map((values) => ({
    any: { arrayValue: { values: values.map(({ any }) => any) } },
    expected: values.map(({ expected }) => expected),
  })),
  map: attributesOf(tie('value')).map(({ list, expected }) => ({
    any: { kvlistValue: { values: list } },
    expected,
  })),
}))

function attributesOf(values: fc.Arbitrary<Value>) {
  return fc.uniqueArray(fc.tuple(key, values), { maxLength: 6, selector: ([name]) => name }).map((pairs) => ({
    list: pairs.map(([name, { any }]) => ({ key: name, value: any })),
    expected: Object.fromEntries(pairs.map(([name, { expected }]) => [name, expected])),
  }))
}
const attributes = attributesOf(value)

const nanoseconds = fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }).map(String)
const id = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).filter((id) => id.some((byte) => byte !== 0))
const count = fc.integer({ min: 1, max: 0xffff_ffff })
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const nonEmpty = text.filter((value) => value !== '')

const record = fc
  .record({
    time: optional(nanoseconds),
    observed: optional(nanoseconds),
    severity: optional(fc.integer({ min: 1, max: 24 })),
    severityText: optional(nonEmpty),
    name: optional(nonEmpty),
    body: optional(value),
    attributes,
    dropped: optional(count),
    flags: optional(count),
    trace: optional(id(16)),
    span: optional(id(8)),
  })
  .map((sample) => {
    const form = (encoding: 'hex' | 'base64') =>
      present({
        timeUnixNano: sample.time,
        observedTimeUnixNano: sample.observed,
        severityNumber: sample.severity,
        severityText: sample.severityText,
        eventName: sample.name,
        body: sample.body?.any,
        attributes: sample.attributes.list,
        droppedAttributesCount: sample.dropped,
        flags: sample.flags,
        traceId: sample.trace && Buffer.from(sample.trace).toString(encoding),
        spanId: sample.span && Buffer.from(sample.span).toString(encoding),
      })
    const expected = present({
      timestamp: sample.time,
      observed_timestamp: sample.observed,
      severity_number: sample.severity,
      severity_text: sample.severityText,
      event_name: sample.name,
      body: sample.body?.expected ?? undefined,
      attributes: sample.attributes.expected,
      dropped_attributes_count: sample.dropped,
      flags: sample.flags,
      trace_id: sample.trace && Buffer.from(sample.trace).toString('hex'),
      span_id: sample.span && Buffer.from(sample.span).toString('hex'),
    })
    return { protobuf: form('base64'), json: form('hex'), expected }
  })

const scoped = fc
  .record({
    name: optional(nonEmpty),
    version: optional(nonEmpty),
    attributes,
    url: optional(nonEmpty),
    records: fc.array(record, { maxLength: 4 }),
  })
  .map((sample) => {
    const own = sample.attributes.list.length > 0 ? sample.attributes : undefined
    const scope = present({ name: sample.name, version: sample.version, attributes: own?.list })
    const expected = present({
      name: sample.name,
      version: sample.version,
      attributes: own?.expected,
      schema_url: sample.url,
    })
    const form = (encoding: 'protobuf' | 'json') =>
      present({ scope, schemaUrl: sample.url, logRecords: sample.records.map((one) => one[encoding]) })
    return {
      protobuf: form('protobuf'),
      json: form('json'),
      // A scope that says nothing is absent.
      expected: sample.records.map((one) =>
        Object.keys(expected).length > 0 ? { ...one.expected, scope: expected } : one.expected,
      ),
    }
  })

const group = fc
  .record({
    attributes,
    dropped: optional(count),
    url: optional(nonEmpty),
    scopes: fc.array(scoped, { maxLength: 3 }),
  })
  .map((sample) => {
    const resource = present({ attributes: sample.attributes.list, droppedAttributesCount: sample.dropped })
    const form = (encoding: 'protobuf' | 'json') =>
      present({ resource, schemaUrl: sample.url, scopeLogs: sample.scopes.map((one) => one[encoding]) })
    return {
      protobuf: form('protobuf'),
      json: form('json'),
      expected: sample.scopes.flatMap((one) =>
        one.expected.map((log) => ({
          ...log,
          resource: sample.attributes.expected,
          ...present({ resource_dropped_attributes_count: sample.dropped, resource_schema_url: sample.url }),
        })),
      ),
    }
  })

export const request: fc.Arbitrary<Sample> = fc.array(group, { maxLength: 3 }).map((groups) => ({
  protobuf: { resourceLogs: groups.map((one) => one.protobuf) },
  json: { resourceLogs: groups.map((one) => one.json) },
  expected: groups.flatMap((one) => one.expected),
}))

function present(object: Readonly<Record<string, unknown>>): RequestObject {
  return Object.fromEntries(Object.entries(object).filter(([, member]) => member !== undefined))
}

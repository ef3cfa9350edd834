import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordOf } from '../../../src/shapes/otlp/record.ts'
import { requestJson } from '../../../src/shapes/otlp/request-json.ts'
import { encodeBody } from '../../../src/sinks/otlp/encode.ts'
import { encodeProtobuf } from '../../../src/sinks/otlp/encode-protobuf.ts'
import { decodeRequest, encodeRequest, type RequestObject } from '../../receivers/otlp/oracle.ts'
import { batchOf, linesOf } from '../batches.ts'

const event = {
  action: 'invoice.approve',
  actor: { id: 'u_42', type: 'human' },
  category: 'business',
  id: '018f4c2e-0000-7000-8000-000000000001',
  observed_time: '2026-11-24T01:02:03.000000009Z',
  operation: 'update',
  outcome: { result: 'success' },
  producer: { product: 'billing', service: 'invoices', host: 'web-1' },
  request: { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331' },
  schema: 'audit-event/1',
  severity: 10,
  targets: [{ id: 'inv_7', type: 'invoice' }],
  time: '2026-11-24T01:02:03.123456789Z',
  log: { origin: 'affiant/web-1/1', seq: 214, size: 642 },
}

test('an event is a log record with its attribution', () => {
  const line = JSON.stringify(event)
  const decoded = decodeRequest(encodeProtobuf([[recordOf(line, line)]], 100))
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  expect(decoded).toEqual({
    resourceLogs: [
      {
        resource: {
          attributes: [
            text('service.name', 'billing'),
            text('service.namespace', 'invoices'),
            text('host.name', 'web-1'),
          ],
        },
        scopeLogs: [
          {
            scope: { name: 'affiant', version: expect.any(String) },
            logRecords: [
              {
                timeUnixNano: '1795482123123456789',
                observedTimeUnixNano: '1795482123000000009',
                severityNumber: 10,
                severityText: 'INFO2',
                eventName: 'invoice.approve',
                traceId: Buffer.from(event.request.trace_id, 'hex').toString('base64'),
                spanId: Buffer.from(event.request.span_id, 'hex').toString('base64'),
                body: { stringValue: line },
                attributes: [
                  text('audit.record.id', event.id),
                  text('audit.actor.id', 'u_42'),
                  text('audit.actor.type', 'human'),
                  text('audit.action', 'invoice.approve'),
                  text('audit.outcome', 'success'),
                  text('audit.target.id', 'inv_7'),
                  text('audit.target.type', 'invoice'),
                  text('audit.category', 'business'),
                  text('audit.operation', 'update'),
                  text('audit.schema.version', 'audit-event/1'),
                  text('audit.sequence.stream_id', 'affiant/web-1/1'),
                  { key: 'audit.sequence.number', value: { intValue: '214' } },
                ],
              },
            ],
          },
        ],
      },
    ],
  })
})

test('what is missing or no id is left out', () => {
  const record = recordOf('{"request":{"trace_id":"zz","span_id":"0000000000000000"},"time":"never"}')
  expect(record).toMatchObject({
    time: 0n,
    traceId: '',
    spanId: '',
    severity: 0,
    attributes: [],
    resource: [],
  })
})

test('both encodings of any body say the same, and the oracle reads and writes it so', () => {
  const names = fc.string({ unit: 'binary', maxLength: 6 }).filter((name) => name !== '__proto__')
  const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' })
  fc.assert(
    fc.property(fc.dictionary(names, json), fc.double({ noNaN: true }), (members, number) => {
      const line = JSON.stringify({ ...members, number })
      const records = [recordOf(line)]
      const sent = encodeProtobuf([records], 10)
      const decoded = decodeRequest(sent)
      // Through the oracle and back: what it writes of our JSON is what we write.
      expect(decodeRequest(encodeRequest(withBytes(Buffer.from(requestJson([records])))))).toEqual(decoded)
    }),
    { numRuns: 500 },
  )
})

/** protobufjs wants base64 where OTLP's JSON has hex; these records have no ids. */
const withBytes = (json: Buffer): RequestObject => JSON.parse(json.toString()) as RequestObject

test('records of several resources, long ones and many', () => {
  const lines = Array.from({ length: 500 }, (_, n) =>
    JSON.stringify({ ...event, producer: { product: `p${n % 3}` }, note: 'ü'.repeat(n * 7) }),
  )
  const groups = [0, 1, 2].map((rest) =>
    lines.filter((_, n) => n % 3 === rest).map((line) => recordOf(line, line)),
  )
  const { resourceLogs } = decodeRequest(encodeProtobuf(groups, 10)) as {
    resourceLogs: { scopeLogs: { logRecords: { body: { stringValue: string } }[] }[] }[]
  }
  expect(
    resourceLogs.map(({ scopeLogs }) => scopeLogs[0]!.logRecords.map(({ body }) => body.stringValue)),
  ).toEqual(groups.map((group) => group.map(({ body }) => body)))
})

test.each(['http/protobuf', 'grpc', 'http/json'] as const)(
  'a batch in %s: each resource once, however its events lie, and each line byte for byte',
  async (protocol) => {
    const batch = batchOf(
      Array.from({ length: 300 }, (_, n) => ({
        canonical: JSON.stringify({
          action: n % 2 === 0 ? 'ä'.repeat(n) : 'a'.repeat(n),
          n,
          producer: { product: `p${n % 5 === 0 ? 1 : n % 3}` },
          time: `2026-11-24T01:02:0${n % 4}.5Z`,
        }),
      })),
    )
    const sent = await encodeBody(batch, { protocol, body: 'text', compression: 'none' })
    const { resourceLogs } = (
      protocol === 'http/json' ? JSON.parse(sent.toString()) : decodeRequest(sent)
    ) as {
      resourceLogs: { scopeLogs: { logRecords: { eventName: string; body: { stringValue: string } }[] }[] }[]
    }
    expect(resourceLogs).toHaveLength(3)
    const records = resourceLogs.flatMap(({ scopeLogs }) => scopeLogs[0]!.logRecords)
    const bodies = records.map(({ body }) => body.stringValue)
    expect(new Set(bodies)).toEqual(new Set(linesOf(batch)))
    expect(bodies).toHaveLength(300)
    for (const { eventName = '', body } of records) {
      expect((JSON.parse(body.stringValue) as { action: string }).action).toBe(eventName)
    }
  },
)

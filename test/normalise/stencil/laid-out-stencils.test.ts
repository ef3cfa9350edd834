// From OTLP's bytes to events: laid out and filled in, they are those of records decoded and mapped, byte for byte.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBodies } from '../../../bench/otlp/bodies.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { decodePlainLogs, decodeProtobufLogs } from '../../../src/receivers/otlp/logs-decoder.ts'
import { PlainRecords } from '../../../src/receivers/otlp/plain-records.ts'
import { plainRecord } from '../../receivers/otlp/arbitrary-record.ts'
import { encodeRequest } from '../../receivers/otlp/oracle.ts'
import { full } from '../../seed.ts'
import { observed, spec, stream } from '../normalising.ts'

const memory = Buffer.from(new ArrayBuffer(1024 * 1024))
const short = compileNormaliser(spec({ preset: 'otlp' }))
const general = compileNormaliser(spec({ preset: 'otlp' }), { stencils: false })
const timeOrdered = /"id":"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"/g

function both(body: Buffer): void {
  const plain = new PlainRecords(body, memory)
  const text = (payload: Uint8Array) =>
    Buffer.from(payload).toString().replaceAll(timeOrdered, '"id":"by time"')
  const laidOut: string[] = []
  for (const records of decodePlainLogs(body, plain)) {
    const chunk = { stream, records, values: plain.values, index: 0, observed }
    laidOut.push(text(short.records(chunk).payload))
  }
  const decoded = decodeProtobufLogs(body)
    .map((records) => text(general.records({ stream, records, index: 0, observed }).payload))
    .toArray()
  // Their chunks are others.
  const lines = (all: readonly string[]) => all.join('').replaceAll(/"index":\d+/g, '"index":0')
  expect(lines(laidOut)).toBe(lines(decoded))
}

const resource = fc.record({
  attributes: fc.array(
    fc.record({
      key: fc.constantFrom('service.name', 'host.name', 'a"b', 'n'),
      value: fc.oneof(
        fc.constantFrom('', 'shop', 'a"b').map((stringValue) => ({ stringValue })),
        fc.constantFrom(0, 1.5, -3, 1e300).map((doubleValue) => ({ doubleValue })),
        fc.constant({ arrayValue: { values: [{ stringValue: 'x' }, { boolValue: true }] } }),
      ),
    }),
    { maxLength: 4 },
  ),
})

test('random records, each as often as it takes to be learnt', () => {
  fc.assert(
    fc.property(resource, fc.array(plainRecord, { minLength: 1, maxLength: 4 }), (around, records) => {
      const logRecords = Array.from({ length: 3 }, () => records).flat()
      both(encodeRequest({ resourceLogs: [{ resource: around, scopeLogs: [{ logRecords }] }] }))
    }),
    { numRuns: full ? 2000 : 60 },
  )
})

test('records of an ordinary exporter, nearly all of them by their layout', () => {
  const before = short.served
  for (const body of encodeBodies(2, 500)) both(body)
  expect(short.served - before).toBeGreaterThan(950)
})

test('a layout whose shape is forgotten is learnt again', () => {
  // More shapes than are remembered.
  const strange = Array.from({ length: 600 }, (_, n) => ({
    attributes: [{ key: `key ${n}`, value: { stringValue: 'x' } }],
  }))
  both(encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords: strange }] }] }))
  const before = short.served
  for (const body of encodeBodies(2, 500)) both(body)
  expect(short.served - before).toBeGreaterThan(900)
})

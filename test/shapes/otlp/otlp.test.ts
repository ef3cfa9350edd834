// The otlp shape: an export request a line, as collectors write them to files.
import { expect, test } from 'vitest'
import { otlp } from '../../../src/shapes/otlp/otlp.ts'
import { fullEvent, leastEvent } from '../../event/sample-events.ts'
import { lineWith } from '../events.ts'

const record = (body: unknown) => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body }] }] }] })

test('a request with one record, its attributes by the audit signal', () => {
  const { resourceLogs } = JSON.parse(otlp.write(lineWith(fullEvent)))
  expect(resourceLogs).toHaveLength(1)
  const [{ logRecords }] = resourceLogs[0].scopeLogs
  expect(logRecords).toHaveLength(1)
  expect(logRecords[0]).toMatchObject({ timeUnixNano: '1795431600000000000', eventName: 'invoice.approve' })
  expect(logRecords[0].attributes).toContainEqual({ key: 'audit.actor.id', value: { stringValue: 'u_42' } })
})

test('several records are several lines, and a body may be the line as a text', () => {
  const lines = [lineWith(leastEvent, undefined, 1), lineWith(fullEvent, 'raw', 2)]
  const request = {
    resourceLogs: lines.map((line) => record({ stringValue: line }).resourceLogs[0]),
  }
  expect(otlp.read(request)).toEqual(lines)
})

test.each([
  ['no record', { resourceLogs: [] }, 'is no request with log records'],
  ['a text that is no event', record({ stringValue: 'hello' }), 'has a log record whose body is no event'],
  ['no body', record(undefined), 'is no event of audit-event/1'],
  ['a map that is no event', record({ kvlistValue: { values: [] } }), 'is no event of audit-event/1: '],
])('%s is refused', (_, request, message) => {
  expect(() => otlp.read(request)).toThrow(message)
})

test('a body that is nested without end is refused, not followed', () => {
  let body: unknown = { stringValue: 'x' }
  for (let depth = 0; depth < 10_000; depth++) body = { arrayValue: { values: [body] } }
  expect(() => otlp.read(record(body))).toThrow('nested deeper than 256 levels')
})

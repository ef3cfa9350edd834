// CloudEvents: one, or a batch of them.
import { expect, test } from 'vitest'
import { cloudevents } from '../../src/shapes/cloudevents.ts'
import { fullEvent, leastEvent } from '../event/sample-events.ts'
import { lineWith, lineWithoutLog } from './events.ts'

test('an event is the data, byte for byte', () => {
  const line = lineWith(fullEvent)
  const document = cloudevents.write(line)
  expect(document).toContain(`,"data":${line}}`)
  expect(JSON.parse(document)).toMatchObject({
    specversion: '1.0',
    id: fullEvent.id,
    source: 'urn:affiant:node-1:1',
    type: 'affiant.audit-event.v1',
    subject: 'inv_730',
    time: fullEvent.time,
    auditaction: 'invoice.approve',
  })
})

test('without a log the source is just us', () => {
  expect(JSON.parse(cloudevents.write(lineWithoutLog(leastEvent)))).toMatchObject({ source: 'urn:affiant' })
})

test('a batch is as many lines', () => {
  const lines = [lineWith(leastEvent, undefined, 1), lineWith(fullEvent, 'raw', 2)]
  expect(cloudevents.read(lines.map((line) => JSON.parse(cloudevents.write(line))))).toEqual(lines)
})

test('data of another kind is refused', () => {
  expect(() => cloudevents.read({ specversion: '1.0', data: { a: 1 } })).toThrow(
    'is no event of audit-event/1',
  )
  expect(() => cloudevents.read({ specversion: '1.0' })).toThrow('is no CloudEvent with an event as its data')
})

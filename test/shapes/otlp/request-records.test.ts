import { expect, test } from 'vitest'
import { recordsIn } from '../../../src/shapes/otlp/request-records.ts'

const request = (body: object) => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body }] }] }] })

test.each([{}, [1, 2], 'x', 1.5, '1e999'])('an integer that is none, %j, is told of', (intValue) => {
  expect(() => recordsIn(request({ intValue }))).toThrow('has an intValue that is none')
})

test.each([
  [{ intValue: '-7' }, -7],
  [{ doubleValue: 0.5 }, 0.5],
  [{}, null],
])('%j', (body, value) => {
  expect(recordsIn(request(body))).toEqual([value])
})

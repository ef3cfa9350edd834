import { expect, test } from 'vitest'
import { encodeExportResponse } from '../../../src/receivers/otlp/answer.ts'
import { decodeResponse } from './oracle.ts'

const rejected = Array.from({ length: 300 }, (_, index) => ({ index, missing: ['actor.id', 'targets'] }))

test('a partial success says how many and names the first, in either encoding', () => {
  for (const count of [1, 20, 300]) {
    const some = rejected.slice(0, count)
    const { partialSuccess } = decodeResponse(encodeExportResponse(some, 'protobuf')) as {
      partialSuccess: { rejectedLogRecords: { toString(): string }; errorMessage: string }
    }
    const json = JSON.parse(encodeExportResponse(some, 'json').toString())
    expect(json).toEqual({
      partialSuccess: { rejectedLogRecords: String(count), errorMessage: partialSuccess.errorMessage },
    })
    expect(String(partialSuccess.rejectedLogRecords)).toBe(String(count))
    expect(partialSuccess.errorMessage).toMatch(/: record 0 lacks actor\.id, targets/)
    if (count === 300) expect(partialSuccess.errorMessage).toMatch(/record 19 lacks [^;]*; and 280 more$/)
  }
})

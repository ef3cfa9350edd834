import { expect, test } from 'vitest'
import { type ApiFault, faultKind, faultOf } from '../../../../src/receivers/kubernetes/api/api-fault.ts'

test.each([
  [401, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [408, 'passing'],
  [410, 'gone'],
  [429, 'passing'],
  [500, 'passing'],
  [503, 'passing'],
  [504, 'passing'],
] as const)('%i is %s', (code, kind) => {
  expect(faultKind(code)).toBe(kind)
})

// As a watch sends it in an event of type ERROR, whose answer had the status 200.
const expired = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'too old resource version: 101 (2044)',
  reason: 'Expired',
  code: 410,
}

test.each<[ApiFault, Partial<ApiFault>]>([
  [
    faultOf(200, expired),
    { kind: 'gone', message: 'the API server answered 410: Expired: too old resource version: 101 (2044)' },
  ],
  [faultOf(503, 'no Status'), { kind: 'passing', message: 'the API server answered 503', retryAfter: 0 }],
  [faultOf(429, { code: 429, message: 'slow' }, 2_000), { kind: 'passing', retryAfter: 2_000 }],
])('%s', (fault, expected) => {
  expect(fault).toMatchObject(expected)
})

import { expect, test } from 'vitest'
import { classifyCode, classifyPartial, classifyStatus, codes } from '../../../src/sinks/otlp/classify.ts'

test.each([
  [200, 'accepted'],
  [202, 'accepted'],
  [204, 'accepted'],
  [301, 'held'],
  [400, 'refused'],
  [401, 'held'],
  [403, 'held'],
  [404, 'held'],
  [405, 'held'],
  [408, 'later'],
  [413, 'refused'],
  [415, 'held'],
  [422, 'refused'],
  [429, 'later'],
  [500, 'later'],
  [501, 'held'],
  [502, 'later'],
  [503, 'later'],
  [504, 'later'],
])('HTTP %i is %s', (status, kind) => {
  expect(classifyStatus(status, 'said', undefined).kind).toBe(kind)
})

const byName: Record<(typeof codes)[number], string> = {
  OK: 'accepted',
  CANCELLED: 'later',
  UNKNOWN: 'later',
  INVALID_ARGUMENT: 'refused',
  DEADLINE_EXCEEDED: 'later',
  NOT_FOUND: 'held',
  ALREADY_EXISTS: 'refused',
  PERMISSION_DENIED: 'held',
  RESOURCE_EXHAUSTED: 'refused',
  FAILED_PRECONDITION: 'held',
  ABORTED: 'later',
  OUT_OF_RANGE: 'later',
  UNIMPLEMENTED: 'held',
  INTERNAL: 'later',
  UNAVAILABLE: 'later',
  DATA_LOSS: 'later',
  UNAUTHENTICATED: 'held',
}

test.each(codes.map((name, code) => [name, code] as const))('gRPC %s', (name, code) => {
  expect(classifyCode(code, 'said', undefined, 10).kind).toBe(byName[name])
})

test('RESOURCE_EXHAUSTED that says when to come again is no word about the size', () => {
  expect(classifyCode(8, 'quota', 1500, 10)).toEqual({
    kind: 'later',
    reason: 'RESOURCE_EXHAUSTED: quota',
    retryAfter: 1500,
    overloaded: true,
  })
})

test.each([
  ['grpc: received message larger than max (5242892 vs. 4194304)', 8, 1, true],
  ['Received message larger than max (5 vs 4)', 8, 10, true],
  ['gRPC message exceeds maximum size 4194304: 5000000', 8, 1, true],
  ['Received HTTP status code 413', 2, 1, true],
  ['quota', 8, 10, true],
])('%s: too large', (said, code, count, tooLarge) => {
  expect(classifyCode(code, said, undefined, count)).toMatchObject({ kind: 'refused', tooLarge })
})

test('a quota that does not say when to come again is no reason to throw one event away', () => {
  expect(classifyCode(8, 'quota', undefined, 1)).toEqual({
    kind: 'held',
    reason: 'RESOURCE_EXHAUSTED: quota',
  })
})

test('a code that nobody knows is waited for', () => {
  expect(classifyCode(99, '', undefined, 10)).toEqual({ kind: 'later', reason: 'code 99' })
})

test.each([
  [0, { kind: 'accepted' }],
  [-1, { kind: 'accepted' }],
  [Number.NaN, { kind: 'accepted' }],
  [3, { kind: 'refused', which: 'some', reason: '3 of 10 records rejected: old' }],
  [10, { kind: 'refused', reason: '10 of 10 records rejected: old' }],
  [11, { kind: 'refused', reason: '11 of 10 records rejected: old' }],
])('partial success with %i rejected', (rejected, outcome) => {
  expect(classifyPartial({ rejected, message: '' }, 'old', 10)).toEqual(outcome)
})

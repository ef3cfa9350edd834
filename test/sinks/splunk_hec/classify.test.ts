import { expect, test } from 'vitest'
import { classifyReply, readReply } from '../../../src/sinks/splunk_hec/classify.ts'

const classify = (status: number, body: string, shared = { token: 'payments', index: 'team_a' }) =>
  classifyReply({ status }, readReply(body), body, 10, shared)

// Splunk's table of possible error codes: HTTP status, code, what it means here.
const table: [number, number, string, object?][] = [
  [200, 0, 'accepted'],
  [403, 1, 'held', { partition: true }],
  [401, 2, 'held'],
  [401, 3, 'held'],
  [403, 4, 'held', { partition: true }],
  [400, 5, 'refused'],
  [400, 6, 'refused'],
  [400, 7, 'held', { partition: true }],
  [500, 8, 'later'],
  [503, 9, 'later', { overloaded: true }],
  [400, 10, 'held'],
  [400, 11, 'held'],
  [400, 12, 'refused'],
  [400, 13, 'refused'],
  [400, 14, 'held'],
  [400, 15, 'refused'],
  [400, 16, 'held'],
  [503, 18, 'later', { overloaded: true }],
  [503, 19, 'later'],
  [503, 20, 'later', { overloaded: true }],
  [400, 21, 'held', { partition: true }],
  [400, 22, 'held', { partition: true }],
  [503, 23, 'later'],
  // Warnings: the events are taken, and would be there twice if they were sent again.
  [200, 24, 'accepted'],
  [200, 25, 'accepted'],
  [429, 26, 'later', { overloaded: true }],
  [429, 27, 'later', { overloaded: true }],
]

test.each(table)('HTTP %i, code %i is %s', (status, code, kind, more = {}) => {
  const outcome = classify(status, JSON.stringify({ text: 'what it says', code }))
  expect(outcome).toMatchObject({ kind, ...more })
  if (outcome.kind !== 'accepted') expect(outcome.reason).toContain(`HTTP ${status}, code ${code}`)
})

test.each([
  [1, {}],
  [1, { index: 'team_a' }],
  [4, { index: 'team_a' }],
  [7, {}],
  [7, { token: 'payments' }],
  [2, { token: 'payments' }],
])('code %i holds the whole sink where what is wrong is the sink’s own: %o', (code, shared) => {
  const said = readReply(JSON.stringify({ text: 'no', code }))
  expect(classifyReply({ status: 403 }, said, 'no', 10, shared)).toEqual({
    kind: 'held',
    reason: `HTTP 403, code ${code}: no`,
  })
})

test.each([
  [200, 'later'],
  [204, 'later'],
  [301, 'held'],
  [400, 'refused'],
  [401, 'held'],
  [404, 'held'],
  [408, 'later'],
  [413, 'refused'],
  [429, 'later'],
  [500, 'later'],
  [501, 'held'],
  [502, 'later'],
  [504, 'later'],
])('HTTP %i without a code that is known is %s', (status, kind) => {
  for (const body of ['', '<html>', '{"code":99}', '{"code":"0"}', '[]', 'null']) {
    expect(classify(status, body).kind).toBe(kind)
  }
})

test('a success code with another status is none, and a fault with status 200 is none either', () => {
  expect(classify(500, '{"text":"Success","code":0}').kind).toBe('later')
  expect(classify(200, '{"text":"Invalid data format","code":6}').kind).toBe('later')
})

test.each([6, 12, 13, 15])(
  'code %i: what stands before the named event is taken, and it alone is refused',
  (code) => {
    for (const k of [0, 4, 9]) {
      const outcome = classify(400, JSON.stringify({ text: 'no', code, 'invalid-event-number': k }))
      expect(outcome).toMatchObject({ kind: 'refused', which: 'single', taken: k })
    }
  },
)

test.each([10, -1, 1.5, '3', null])('an event number %s that cannot be is not believed', (k) => {
  const outcome = classify(400, JSON.stringify({ text: 'no', code: 6, 'invalid-event-number': k }))
  expect(outcome).toEqual({ kind: 'refused', reason: expect.any(String) })
})

test('a request that is too large says so: the next ones are to be smaller', () => {
  const answer = classifyReply({ status: 413 }, {}, '', 10, {})
  expect(answer).toEqual({ kind: 'refused', reason: 'HTTP 413', tooLarge: true })
})

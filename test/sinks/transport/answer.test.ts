import { expect, test } from 'vitest'
import { laterDelay } from '../../../src/delivery/backoff.ts'
import { parseRetryAfter } from '../../../src/sinks/transport/answer.ts'

const now = Date.UTC(1994, 10, 6, 8, 49, 0)
const hour = 3_600_000

test.each([
  ['120', 120_000],
  ['0', 0],
  [' 7 ', 7_000],
  // The three forms of a date: RFC 9110, section 5.6.7.
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
  ['Sun Nov  6 08:49:37 1994', 37_000],
  ['Sun, 06 Nov 1994 07:00:00 GMT', 0],
  ['Wed, 06 Nov 2024 08:49:00 GMT', Date.UTC(2024, 10, 6, 8, 49) - now],
  ['-5', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['Sunday', undefined],
  ['', undefined],
  ['1994-11-06T08:49:37Z', undefined],
])('Retry-After: %s', (text, milliseconds) => {
  expect(parseRetryAfter(text, now)).toBe(milliseconds)
})

test.each(['99999999999', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
  'nobody is waited for until %s',
  (text) => {
    const wait = laterDelay(3, { initial: 500, max: 30_000 }, () => 0.5, parseRetryAfter(text, now))
    expect(wait).toBeGreaterThanOrEqual(hour)
    expect(wait).toBeLessThanOrEqual(hour + 1_000)
  },
)

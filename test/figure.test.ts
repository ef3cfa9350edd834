import fc from 'fast-check'
import { expect, test } from 'vitest'
import { figure } from '../src/figure.ts'

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [-1234567, '-1,234,567'],
  [Number.MAX_SAFE_INTEGER, '9,007,199,254,740,991'],
  [1234.5, '1,234.5'],
  [0.12345, '0.123'],
  [12_345_678_901_234_567_890n, '12,345,678,901,234,567,890'],
])('%s is written %s', (value, text) => {
  expect(figure(value)).toBe(text)
})

test('whole numbers are written as ICU writes them', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(figure(value)).toBe(value.toLocaleString('en-US'))
    }),
  )
})

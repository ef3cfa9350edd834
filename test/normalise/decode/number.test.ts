import { describe, expect, test } from 'vitest'
import { survivesAsDouble } from '../../../src/normalise/decode/number.ts'

describe('survivesAsDouble', () => {
  test.each([
    '0',
    '-0',
    '0.000',
    '0e999',
    '1',
    '1.0',
    '100e-2',
    '1E3',
    '9007199254740991',
    '-9007199254740991',
    '9007199254740991.000',
    '0.1',
    '0.30000000000000004',
    '1763899200.1234567',
    '5e-324',
    '2.2250738585072014e-308',
    '0.00000000000000000000000000000000000001',
  ])('%s does', (text) => {
    expect(survivesAsDouble(text)).toBe(true)
  })

  test.each([
    '9007199254740992',
    '-9007199254740993',
    '1e21',
    '1e400',
    '-1e400',
    '1e-400',
    '4e-324',
    '0.1000000000000000055511151231257827',
    '9007199254740992.5',
    '123456789012345678',
    '1e99999999999999999999',
    '1e-99999999999999999999',
  ])('%s does not', (text) => {
    expect(survivesAsDouble(text)).toBe(false)
  })

  test('takes time in proportion to the length, whatever the digits', () => {
    const began = performance.now()
    for (const text of [
      `1.${'0'.repeat(1e6)}1`,
      `1${'0'.repeat(1e6)}`,
      `0.${'0'.repeat(1e6)}1`,
      '1'.repeat(1e6),
    ]) {
      expect(survivesAsDouble(text)).toBe(false)
    }
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { heldDelay, laterDelay } from '../../src/delivery/backoff.ts'

const limits = { initial: 500, max: 30_000 }

test('waits double up to the maximum and are jittered over their whole width', () => {
  expect([0, 1, 2, 5, 6, 1000].map((attempt) => laterDelay(attempt, limits, () => 1))).toEqual([
    500, 1000, 2000, 16_000, 30_000, 30_000,
  ])
  expect(laterDelay(20, limits, () => 0)).toBe(10)
})

test('a destination is never asked again before it wants to be, up to an hour', () => {
  fc.assert(
    fc.property(
      fc.nat(100),
      fc.nat(10_000_000),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, asked, random) => {
        const delay = laterDelay(attempt, limits, () => random, asked)
        expect(delay).toBeGreaterThanOrEqual(Math.min(asked, 3_600_000))
        expect(delay).toBeLessThanOrEqual(3_601_000)
      },
    ),
  )
})

test('held is slow from the start, within half of its limit', () => {
  expect(heldDelay(0, limits, () => 0)).toBe(2500)
  expect(heldDelay(0, limits, () => 1)).toBe(5000)
  expect(heldDelay(9, limits, () => 0)).toBe(15_000)
  expect(heldDelay(9, limits, () => 1)).toBe(30_000)
})

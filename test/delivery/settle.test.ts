import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SettledPrefix } from '../../src/delivery/settle.ts'

test('the prefix is always the longest run of settled ranges from the start', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 }).chain((sizes) =>
        fc.tuple(
          fc.constant(sizes),
          fc.shuffledSubarray(
            sizes.map((_, index) => index),
            { minLength: 0 },
          ),
        ),
      ),
      ([sizes, order]) => {
        const prefix = new SettledPrefix(5)
        const ranges = sizes.map((size) => prefix.open(prefix.end + size, 0))
        const settled = new Set<number>()
        for (const index of order) {
          const before = prefix.settled
          settled.add(index)
          const moved = prefix.settle(ranges[index]!)
          let expected = 5
          for (let at = 0; settled.has(at); at++) expected += sizes[at]!
          expect(prefix.settled).toBe(expected)
          expect(moved).toBe(expected > before)
        }
      },
    ),
  )
})

test('the oldest unsettled range says since when', () => {
  const prefix = new SettledPrefix(0)
  expect(prefix.since).toBeUndefined()
  const first = prefix.open(1, 100)
  const second = prefix.open(2, 200)
  prefix.settle(second)
  expect(prefix.since).toBe(100)
  prefix.settle(first)
  expect(prefix.since).toBeUndefined()
})

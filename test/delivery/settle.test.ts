import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SettledPrefix } from '../../src/delivery/settle.ts'

test('the prefix ends where the oldest open range begins, whatever the others do', () => {
  const ranges = fc.array(fc.record({ gap: fc.nat(3), settles: fc.nat(5) }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(ranges, (steps) => {
      const prefix = new SettledPrefix(5)
      const open: { readonly from: number; readonly range: ReturnType<SettledPrefix['open']> }[] = []
      let position = 5
      for (const { gap, settles } of steps) {
        position += gap
        open.push({ from: position, range: prefix.open(position, 0) })
        position++
        const before = prefix.settled
        let moved = prefix.advance(position)
        for (let left = settles; left > 0 && open.length > 0; left--) {
          // Now this end, now that: ranges settle in any order.
          const { range } = open.splice(left % 2 === 0 ? 0 : open.length - 1, 1)[0]!
          moved = prefix.settle(range) || moved
        }
        expect(prefix.settled).toBe(open[0]?.from ?? position)
        expect(moved).toBe(prefix.settled > before)
      }
    }),
  )
})

test('a range settles once', () => {
  const prefix = new SettledPrefix(0)
  const range = prefix.open(0, 0)
  prefix.advance(10)
  expect(prefix.settled).toBe(0)
  expect(prefix.settle(range)).toBe(true)
  expect(prefix.settle(range)).toBe(false)
  expect(prefix.settled).toBe(10)
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

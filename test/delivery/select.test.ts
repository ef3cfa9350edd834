import fc from 'fast-check'
import { expect, test } from 'vitest'
import { selectRuns } from '../../src/delivery/select.ts'
import { blockOf } from './memory-journal.ts'

test('runs are exactly the events whose bits meet the mask, whatever the number of route words', () => {
  const word = fc.constantFrom(0, 1, 2, 3, 2 ** 31)
  const input = fc
    .integer({ min: 1, max: 3 })
    .chain((words) =>
      fc.tuple(
        fc.array(fc.array(word, { minLength: words, maxLength: words }), { minLength: 1, maxLength: 40 }),
        fc.array(word, { maxLength: words }),
        fc.nat(5),
      ),
    )
  fc.assert(
    fc.property(input, ([routes, mask, from]) => {
      const block = blockOf(
        0,
        routes.map((bits) => ({ canonical: '{}', routes: bits })),
      )
      const runs = selectRuns(block, Uint32Array.from(mask), from)
      const selected: number[] = []
      for (let at = 0; at < runs.length; at += 2) {
        for (let index = runs[at]!; index < runs[at + 1]!; index++) selected.push(index)
      }
      const expected = routes.flatMap((bits, index) =>
        index >= from && bits.some((bit, at) => (bit & (mask[at] ?? 0)) !== 0) ? [index] : [],
      )
      expect(selected).toEqual(expected)
    }),
  )
})

test('a block that goes there whole is one run', () => {
  const block = blockOf(
    0,
    Array.from({ length: 5 }, () => ({ canonical: '{}', routes: [1] })),
  )
  expect(selectRuns(block, Uint32Array.of(1), 0)).toEqual([0, 5])
})

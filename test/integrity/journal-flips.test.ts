/**
 * Flipped bytes in compressed and encrypted segments: never a crash, never a wrong event, and the report names every seq
 * that is gone. A sample of the bytes, another one each day; test/long/flipped-bytes.test.ts flips each.
 */
import { expect, test } from 'vitest'
import { type Flipped, flip } from '../journal/flips.ts'
import { seed } from '../seed.ts'

// Another prime for each, and another first byte each day: the samples meet every field of a header sooner or later.
test.each<[Flipped, number]>([
  ['compressed', 13_007],
  ['encrypted', 14_009],
  ['compressed and encrypted', 15_013],
])('%s: one flipped byte costs one block at most', async (of, stride) => {
  const start = seed % stride
  const { flips, length } = await flip({ of, start, stride })
  expect(flips).toBe(Math.ceil((length - start) / stride))
})

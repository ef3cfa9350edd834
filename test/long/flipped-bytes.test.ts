/**
 * Every byte of a segment of 200 blocks of at most 512 bytes, flipped in turn: no crash, no wrong event, and exactly
 * the seqs of the block that was hit are reported. Plain as it was closed, torn and followed by another; compressed,
 * encrypted, and both. A slice of the bytes by default, another one each day; AFFIANT_FULL=1 flips each, on all cores.
 */
import { expect, test } from 'vitest'
import { type Flipped, flip, flipAll } from '../journal/flips.ts'
import { full, seed } from '../seed.ts'

/** Prime, so that a slice meets every field of the header sooner or later. */
const stride = 997
const cases: Flipped[] = ['sealed', 'torn', 'followed', 'compressed', 'encrypted', 'compressed and encrypted']

test.each<Flipped>(cases)('every byte flipped, segment %s', async (of) => {
  const started = performance.now()
  const start = seed % stride
  const { flips, length } = full ? await flipAll(of) : await flip({ of, start, stride })
  expect(flips).toBe(full ? length : Math.ceil((length - start) / stride))
  const milliseconds = Math.round(performance.now() - started)
  console.log(`${of}: ${flips} of ${length} bytes flipped, ${milliseconds} ms`)
})

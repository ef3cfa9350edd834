/**
 * Every byte of a segment of 200 blocks of at most 512 bytes, flipped in turn: no crash, no wrong event, and exactly
 * the seqs of the block that was hit are reported. A slice of the bytes by default, another one each day;
 * AFFIANT_FULL=1 flips each.
 */
import { expect, test } from 'vitest'
import { type Case, flippedSegment } from '../journal/flipped-segment.ts'
import { full, seed } from '../seed.ts'

/** Prime, so that a slice meets every field of the header sooner or later. */
const stride = full ? 1 : 499

test.each<Case>(['sealed', 'torn', 'followed'])('every byte flipped, segment %s', async (kind) => {
  const segment = await flippedSegment(kind)
  let flips = 0
  const started = performance.now()
  for (let offset = full ? 0 : seed % stride; offset < segment.length; offset += stride) {
    await segment.check(offset)
    flips++
    if (flips % 5_000 === 0) console.log(`${kind}: ${flips} flipped, none failed`)
    // Everything is in memory: without this nothing else of the process would get its turn.
    if (flips % 100 === 0) await new Promise(setImmediate)
  }
  expect(flips).toBe(Math.ceil((segment.length - (full ? 0 : seed % stride)) / stride))
  console.log(
    `${kind}: ${flips} of ${segment.length} bytes flipped, ${segment.blocks.length} blocks, ${Math.round(performance.now() - started)} ms`,
  )
})

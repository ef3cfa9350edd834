/**
 * The file receiver on a real directory, beside a plain model of it: logs of numbered lines are written to, renamed,
 * copied and truncated, compressed, replaced and deleted, while the receiver is stopped, crashes and starts again with
 * what the journal has. Whatever happens,
 *
 * - every complete line is taken once, at its place in its file, and behind those that were written before it;
 * - nothing else is taken, be it half a line or one joined from two generations;
 * - no gap is certain, since nothing is taken away before it was read;
 * - no stream's position goes back.
 *
 * Other scripts each day; `npm run test:long` looks longer. A failure prints its seed and its script: add them to
 * test/receivers/file/model/failing-seeds.ts.
 */
import fc from 'fast-check'
import { test } from 'vitest'
import { failingSeeds } from '../receivers/file/model/failing-seeds.ts'
import { FileModel } from '../receivers/file/model/file-model.ts'
import { scripts } from '../receivers/file/model/script.ts'
import { seed } from '../seed.ts'

const runs = 25

test('what was found once', async () => {
  await Promise.all(failingSeeds.map(({ script }) => FileModel.run(script)))
})

test(`each line once, whatever befalls the files (seed ${seed}, ${runs} runs)`, async () => {
  const holds = fc.asyncProperty(scripts, (script) => FileModel.run(script))
  await fc.assert(holds, { seed, numRuns: runs })
})

/**
 * The journal against power loss, torn writes, failing disks and flipped bits, beside a plain model of it: files of
 * numbered lines are read into it the way the file receiver does, going on from the position that the journal remembers,
 * while a sink settles, segments expire and readers look on. Whatever happens,
 *
 * - every acknowledged line is read back once, in order, unless its seq is in a range that was reported as damaged;
 * - a batch is there as a whole or not at all, and its stream's position agrees with that, unless bits were flipped;
 * - what a reader has seen stays as it was.
 *
 * Other scripts each day; AFFIANT_MODEL_RUNS=20000 looks longer. A failure prints its seed and
 * its script: add them to failing-seeds.ts.
 */
import fc from 'fast-check'
import { test } from 'vitest'
import { failingSeeds } from '../journal/failing-seeds.ts'
import { JournalModel } from '../journal/journal-model.ts'
import { scripts } from '../journal/journal-script.ts'
import { seed } from '../seed.ts'

const runs = Number(process.env.AFFIANT_MODEL_RUNS ?? 30)

test.each(failingSeeds)('seed $seed: $found', async ({ script }) => {
  await new JournalModel().run(script)
})

test(`failures 12: every acknowledged event survives power cuts once and in order (seed ${seed}, ${runs} runs)`, {
  timeout: 60_000 + runs * 500,
}, async () => {
  const holds = fc.asyncProperty(scripts, (script) => new JournalModel().run(script))
  await fc.assert(holds, { seed, numRuns: runs })
})

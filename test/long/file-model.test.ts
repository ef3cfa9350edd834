/** The file receiver's model test (test/integrity/file-model.test.ts) with more scripts; AFFIANT_FULL=1: for minutes. */
import fc from 'fast-check'
import { test } from 'vitest'
import { FileModel } from '../receivers/file/model/file-model.ts'
import { scripts } from '../receivers/file/model/script.ts'
import { full, seed } from '../seed.ts'

const runs = full ? 4_000 : 150
/** Milliseconds: a loaded machine is no reason to fail. */
const patience = 30_000

test(`each line once, whatever befalls the files (seed ${seed}, ${runs} runs)`, async () => {
  const holds = fc.asyncProperty(scripts, (script) => FileModel.run(script, patience))
  await fc.assert(holds, { seed, numRuns: runs })
})

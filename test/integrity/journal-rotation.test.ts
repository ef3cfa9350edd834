/**
 * The journal's model once more, with other settings at each start: a new key, compression on and off, encryption on and
 * off. Whatever was written under earlier ones is read, recovered and appended to. AFFIANT_MODEL_RUNS looks longer.
 */
import fc from 'fast-check'
import { test } from 'vitest'
import { JournalModel } from '../journal/journal-model.ts'
import { scripts } from '../journal/journal-script.ts'
import { seed } from '../seed.ts'

const runs = Number(process.env.AFFIANT_MODEL_RUNS ?? 8)
/** As many as a list may have; then the oldest go, whose segments are long gone. */
const mostKeys = 64

const keyOf = (start: number) => start.toString(16).padStart(64, '0')

function settingsOf(start: number): Record<string, unknown> {
  const count = Math.min(start + 1, mostKeys)
  const keys = Array.from({ length: count }, (_, i) => keyOf(start - i))
  return { compression: start % 3 === 0 ? 'none' : 'zstd', encryption: { keys, encrypt: start % 4 !== 3 } }
}

test(`keys and compression change at every start (seed ${seed}, ${runs} runs)`, {
  timeout: 60_000 + runs * 500,
}, async () => {
  const holds = fc.asyncProperty(scripts, (script) => new JournalModel(settingsOf).run(script))
  await fc.assert(holds, { seed, numRuns: runs })
})

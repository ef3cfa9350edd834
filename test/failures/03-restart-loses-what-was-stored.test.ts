/**
 * Elsewhere lines are lost at a restart although storage was configured. Here numbered lines are written, the agent is
 * killed with SIGKILL again and again, and each line is in the journal exactly once. AFFIANT_FULL=1: 600,000 lines.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { crashRun } from '../../demo/crash-run.ts'
import { full, randomFrom, seed } from '../seed.ts'

const lines = full ? 600_000 : 20_000
const kills = full ? 30 : 3

/** Line counts to kill at: one somewhere in each of equal stretches. */
function moments(): number[] {
  const random = randomFrom(seed)
  const stretch = lines / (kills + 1)
  return Array.from({ length: kills }, (_, kill) => Math.floor(stretch * (kill + 0.5 + random() / 2)))
}

test(`${lines} lines, ${kills} times kill -9: each line is in the journal once and at the sink (seed ${seed})`, {
  timeout: 60_000 + kills * 15_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'affiant-crash-'))
  try {
    const result = await crashRun({ directory, lines, killAt: moments() })
    expect(result).toMatchObject({
      written: lines,
      journal: lines,
      lost: 0,
      twice: 0,
      deliveredLines: lines,
      deliveredIds: lines,
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

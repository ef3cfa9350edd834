// Promises 1–3 under kill -9: nothing lost, nothing twice in the journal, nothing new about what is sent again.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { crashRun } from '../../demo/crash-run.ts'

test('100,000 lines, five times kill -9: each line is in the journal once and at the sink', {
  timeout: 120_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'affiant-crash-'))
  try {
    const lines = 100_000
    const killAt = [18_204, 37_911, 52_006, 71_440, 93_125]
    const result = await crashRun({ directory, lines, killAt })
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

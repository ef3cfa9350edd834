/**
 * For a whole run: a directory for temporary files of its own, which goes with all that is left in it. So a test that is killed, or takes
 * too long, leaves nothing on the machine; and one that is well and leaves something is told of, whatever else runs beside.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

export default function setup({ vitest }: TestProject): () => void {
  const before = process.env.TMPDIR
  const directory = mkdtempSync(join(tmpdir(), 'affiant-tests-'))
  // Some tests start agents as users who may do less.
  chmodSync(directory, 0o711)
  // Workers, and the processes that they start, have it from here.
  process.env.TMPDIR = directory
  return () => {
    const left = readdirSync(directory).filter((name) => name.startsWith('affiant-'))
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    // A test that failed had no chance to tidy up.
    if (left.length > 0 && vitest.state.getCountOfFailedTests() === 0)
      throw new Error(`tests have left in the directory for temporary files: ${left.join(', ')}`)
  }
}

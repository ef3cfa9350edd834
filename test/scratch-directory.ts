import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A directory for the tests of one file, to be asked for outside of them: gone when they are over. */
export function scratchDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `affiant-${name}-`))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

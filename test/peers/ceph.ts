/** A Ceph object store on this machine: an S3 server with Object Lock, versions and conditional writes. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../e2e/until.ts'

const run = promisify(execFile)

export interface Ceph extends AsyncDisposable {
  readonly endpoint: string
  readonly accessKey: string
  readonly secretKey: string
}

export async function startCeph(script: string): Promise<Ceph> {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-ceph-'))
  const stop = () => stopCeph(directory)
  try {
    const { stdout } = await run('bash', [script, join(directory, 'w')], { timeout: 110_000 })
    const said = /endpoint=(\S+) access_key=(\S+) secret_key=(\S+)/.exec(stdout)
    if (said === null) throw new Error(`the script did not say where the server is: ${stdout}`)
    const [, endpoint = '', accessKey = '', secretKey = ''] = said
    return { endpoint, accessKey, secretKey, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function stopCeph(directory: string): Promise<void> {
  const folder = join(directory, 'w/run')
  const files = await readdir(folder).catch(() => [])
  for (const file of files.filter((name) => name.endsWith('.pid'))) {
    const pid = Number(await readFile(join(folder, file), 'utf8'))
    // Nothing that must be kept: the whole store goes.
    if (isRunning(pid)) process.kill(pid, 'SIGKILL')
    await until(`the end of ${file}`, () => !isRunning(pid))
  }
  await rm(directory, { recursive: true, force: true })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

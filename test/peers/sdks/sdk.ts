/** OpenTelemetry SDKs of other languages: a small program in each sends the same records. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { endWithTest } from '../../processes.ts'

export type Protocol = 'http/protobuf' | 'http/json' | 'grpc'

export interface Sdk {
  readonly language: string
  /** Those that the SDK has. */
  readonly protocols: readonly Protocol[]
  /** How the program is started. Rejects where it cannot be: the language or its packages are not there. */
  readonly prepare: () => Promise<Program>
}

export interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

const run = promisify(execFile)

/** What a program prints; rejects where it is missing or fails. */
export async function output(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { stdout, stderr } = await run(file, args, {
    env: { ...process.env, ...env },
    timeout: 600_000,
    maxBuffer: 16 * 1024 ** 2,
  })
  return stdout + stderr
}

/** Rejects with what it said unless it ended well. `endpoint` is a URL without a path. */
export async function send(
  { file, args, env }: Program,
  protocol: Protocol,
  endpoint: string,
  count: number,
): Promise<void> {
  const child = spawn(file, [...args, protocol, endpoint, String(count)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  endWithTest(child)
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said = (said + part.toString()).slice(-10_000)
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${said}`)
}

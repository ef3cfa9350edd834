/**
 * `data_dir/agent.json`: which process runs here and where it can be asked, for `affiant pid`, `affiant files` and for
 * the message that a second agent gets.
 * Information only; the lock decides.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface AgentFile {
  readonly pid: number
  /** RFC 3339. */
  readonly started: string
  readonly version: string
  /** Where its telemetry listens, `host:port`; absent until it does. */
  readonly telemetry?: string
  /** Whether that process is alive now. A process id can have been given to another program since. */
  readonly running: boolean
}

const pathIn = (dataDir: string) => join(dataDir, 'agent.json')

export function writeAgentFile(dataDir: string, agent: Omit<AgentFile, 'running'>): void {
  writeFileSync(pathIn(dataDir), `${JSON.stringify(agent)}\n`)
}

export function removeAgentFile(dataDir: string): void {
  rmSync(pathIn(dataDir), { force: true })
}

/** What the file says, or undefined when there is none. */
export function readAgentFile(dataDir: string): AgentFile | undefined {
  let text: string
  try {
    text = readFileSync(pathIn(dataDir), 'utf8')
  } catch {
    return undefined
  }
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number')
    return undefined
  const { pid } = value
  const started = 'started' in value ? String(value.started) : ''
  const version = 'version' in value ? String(value.version) : ''
  const telemetry = 'telemetry' in value ? { telemetry: String(value.telemetry) } : {}
  return { pid, started, version, running: isAlive(pid), ...telemetry }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

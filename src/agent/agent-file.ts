/**
 * `data_dir/agent.json`: which process runs here and where it can be asked, for `affiant pid`, `affiant files` and for
 * the message that a second agent gets.
 * Information only; the lock decides.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../errors.ts'

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
  // A disk that is full or read-only is for the journal to tell.
  ignoring(() => writeFileSync(pathIn(dataDir), `${JSON.stringify(agent)}\n`))
}

export function removeAgentFile(dataDir: string): void {
  ignoring(() => rmSync(pathIn(dataDir), { force: true }))
}

function ignoring(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (systemCode(error) === undefined) throw error
  }
}

/** What the file says, or undefined when there is none, or it could not be written whole. */
export function readAgentFile(dataDir: string): AgentFile | undefined {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(pathIn(dataDir), 'utf8'))
  } catch {
    return undefined
  }
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

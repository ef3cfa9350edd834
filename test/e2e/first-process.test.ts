// As the first process of a container, for which signals without a handler do nothing: a command that waits for its input, and an agent
// that has hardly begun, are ended all the same.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { endWithTest } from '../processes.ts'
import { configure, WorkDirectory } from './agent-process.ts'
import { until } from './until.ts'

const entry = join(import.meta.dirname, '../../bin/affiant.js')
const isolate = ['--pid', '--fork', '--mount-proc', '--kill-child']
const canIsolate = spawnSync('unshare', [...isolate, 'true']).status === 0
if (!canIsolate)
  process.stderr.write('skipped: the first process: unshare of process ids is missing, or not allowed\n')

/** Runs `affiant` so, with an input that stays open, and tells it to end until it does. */
async function ended(signal: NodeJS.Signals, ...args: string[]): Promise<number | null> {
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn('unshare', [...isolate, process.execPath, entry, ...args], { env, stdio: 'pipe' })
  endWithTest(child)
  const closed = once(child, 'close')
  const tell = () => {
    try {
      const inside = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'))
      if (inside > 0) process.kill(inside, signal)
    } catch {
      // It has ended, and that is about to be known.
    }
  }
  try {
    await until(
      'it ends',
      () => {
        if (child.exitCode !== null) return true
        tell()
        return false
      },
      () => signal,
      20,
    )
  } finally {
    child.kill('SIGKILL')
    await closed
  }
  return child.exitCode
}

describe.runIf(canIsolate)('as process 1', { timeout: 60_000 }, () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s', async (signal, status) => {
    expect(await ended(signal, 'normalize', '--preset', 'json')).toBe(status)
    using directory = new WorkDirectory()
    expect(await ended(signal, 'run', '-c', configure(directory, {}))).toBe(status)
  })
})

/**
 * Processes that tests start end with them. `await using` ends those of a test that comes to its end; a test that takes
 * too long never does, and its worker may be ended by a signal. Hence: what a test has started is killed behind it
 * (`ending-processes.ts`), and a process beside the worker kills what is left when the worker is gone, however it went.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { join } from 'node:path'

/** Its own pid, or minus the pid of the group that it leads. */
const living = new Map<ChildProcess, number>()

let reaper: ChildProcess | undefined

function tellReaper(text: string): void {
  if (reaper === undefined) {
    // Of a group of its own: Ctrl-C is for the others.
    reaper = spawn(process.execPath, [join(import.meta.dirname, 'reaper.js')], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: {},
    })
    reaper.unref()
    const pipe = reaper.stdin as Socket
    pipe.unref()
    pipe.on('error', () => {})
  }
  reaper.stdin?.write(`${text}\n`)
}

/** `group`: it was started detached, and what it starts is to end as well. */
export function endWithTest(child: ChildProcess, { group = false } = {}): void {
  const { pid } = child
  if (pid === undefined) return
  const target = group ? -pid : pid
  living.set(child, target)
  tellReaper(`+${target}`)
  child.once('exit', () => {
    living.delete(child)
    tellReaper(`-${target}`)
  })
}

export function livingProcesses(): ReadonlySet<ChildProcess> {
  return new Set(living.keys())
}

/** Kills what was not there `before`. */
export function killOthers(before: ReadonlySet<ChildProcess>): void {
  for (const [child, target] of living) {
    if (before.has(child)) continue
    try {
      process.kill(target, 'SIGKILL')
    } catch {
      // It ended in between.
    }
  }
}

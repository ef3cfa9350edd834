/** Starts a command, pinned to cores, and reads what it cost from /proc: CPU seconds and peak RSS. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

const clockTicks = 100

interface Usage {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakRssMiB: number
  readonly exitCode: number | null
}

export interface Measured {
  readonly child: ChildProcess
  /** Resolves when the process has ended. */
  readonly usage: Promise<Usage>
}

/** CPU seconds so far, and peak RSS in MiB, of a process; undefined when it has ended. */
export function sample(pid: number): { cpu: number; rss: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const peak = /VmHWM:\s+(\d+) kB/.exec(status)
    return {
      cpu: (Number(fields[11]) + Number(fields[12])) / clockTicks,
      rss: peak ? Number(peak[1]) / 1024 : 0,
    }
  } catch {
    return undefined
  }
}

export function measure(
  command: readonly string[],
  options: { cores?: string; env?: NodeJS.ProcessEnv; stdio?: 'ignore' | 'inherit' } = {},
): Measured {
  const [program, ...args] = options.cores ? ['taskset', '-c', options.cores, ...command] : command
  const started = performance.now()
  const child = spawn(program!, args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', options.stdio ?? 'ignore', 'inherit'],
  })
  let last = { cpu: 0, rss: 0 }
  const timer = setInterval(() => {
    const now = child.pid === undefined ? undefined : sample(child.pid)
    if (now && now.rss > 0) last = { cpu: now.cpu, rss: Math.max(last.rss, now.rss) }
  }, 10)
  const usage = once(child, 'exit').then(([exitCode]: (number | null)[]) => {
    clearInterval(timer)
    return {
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: last.cpu,
      peakRssMiB: last.rss,
      exitCode: exitCode ?? null,
    }
  })
  return { child, usage }
}

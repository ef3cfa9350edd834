/** What requests are sent to, in a process of its own. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { sample } from '../process.ts'
import type { Protocol } from './load-process.ts'

export interface Target extends AsyncDisposable {
  readonly ports: Readonly<Record<Protocol, number>>
  /** CPU seconds of the process so far, and the most memory it has had, in MiB. */
  usage(): { readonly cpu: number; readonly rss: number }
  /** Resolves when all has been done with so many records that there is to do with them. */
  settled(records: number): Promise<void>
}

export function usageOf({ pid }: ChildProcess): ReturnType<Target['usage']> {
  const usage = sample(pid!)
  if (!usage) throw new Error('what is measured has ended')
  return usage
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

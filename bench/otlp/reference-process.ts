/** The reference (reference.ts), from outside. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { poll } from '../poll.ts'
import { end, type Target, usageOf } from './target.ts'

export async function startReference(cores: string): Promise<Target> {
  const child = spawn('taskset', ['-c', cores, process.execPath, 'bench/otlp/reference.ts'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [ports] = (await once(child, 'message')) as [Target['ports']]
  return {
    ports,
    usage: () => usageOf(child),
    settled: async (records) => {
      await poll('the reference to have decoded everything', async () => {
        child.send('report')
        const [report] = (await once(child, 'message')) as [{ readonly records: number }]
        return report.records >= records ? true : undefined
      })
    },
    [Symbol.asyncDispose]: () => end(child),
  }
}

/** `affiant drain`: the agent that runs brings out what it has, and goes on; for a preStop hook, or who takes a machine away. */
import { loadDataDir } from '../agent/load.ts'
import { askDrain } from './ask-drain.ts'
import { endLines, progressLine } from './drain-render.ts'
import { LiveLine } from './live-line.ts'
import { requester } from './operate.ts'
import { stopSignals } from './stop-signals.ts'
import { timeoutOf } from './timeout.ts'

/** Milliseconds. */
const usual = 60_000

export interface DrainCommandOptions {
  readonly config: readonly string[]
  readonly timeout?: string
  readonly json: boolean
}

/**
 * 0 when everything is settled; 1 when it is not, handed over or not, or nobody waited for it.
 * @throws AffiantError agent_not_running, agent_not_answering
 */
export async function drainCommand({ config, timeout, json }: DrainCommandOptions): Promise<number> {
  const milliseconds = timeoutOf(timeout) ?? usual
  const dataDir = await loadDataDir(config)
  const signals = stopSignals()
  const line = new LiveLine({ stream: process.stderr, now: () => performance.now() })
  line.begin()
  try {
    const end = await askDrain(
      dataDir,
      { timeout: milliseconds, requested_by: requester() },
      (message) => {
        if (json) process.stdout.write(`${JSON.stringify(message)}\n`)
        else if (message.kind === 'progress') line.show(() => progressLine(message))
      },
      signals.first,
    )
    line.end()
    if (end === undefined) process.stderr.write('affiant: not waited for any longer; the agent goes on\n')
    else if (!json) process.stdout.write(`${endLines(end).join('\n')}\n`)
    return end?.outcome === 'drained' ? 0 : 1
  } finally {
    line.end()
    signals.release()
  }
}

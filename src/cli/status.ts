/** `affiant status`: how the running agent does. On a terminal it is drawn anew each second, until q or Ctrl-C. */
import { readAgentFile } from '../agent/agent-file.ts'
import { loadDataDir } from '../agent/load.ts'
import { systemClock } from '../clock.ts'
import { askAgent, noAgent } from './ask-agent.ts'
import { renderStatus, type Status, statusAnswer } from './status-render.ts'

export interface StatusCommandOptions {
  readonly config: readonly string[]
  readonly once: boolean
  readonly json: boolean
}

const question = { path: '/status', schema: statusAnswer, otherwise: 'its answer is no status' }

/** Milliseconds. */
const every = 1_000
const ctrlC = '\u0003'
/** To the top left corner, and nothing below. */
const clear = '\u001b[H\u001b[J'

/** @throws AffiantError agent_not_running, agent_not_answering */
export async function statusCommand({ config, once, json }: StatusCommandOptions): Promise<number> {
  const dataDir = await loadDataDir(config)
  const ask = (): Promise<Status> => {
    // Anew each time: the agent may have been restarted, and listen elsewhere.
    const agent = readAgentFile(dataDir)
    if (!agent?.running) throw noAgent(dataDir)
    return askAgent(agent, dataDir, question)
  }
  const first = await ask()
  if (json) process.stdout.write(`${JSON.stringify(first)}\n`)
  else if (once || !process.stdout.isTTY) process.stdout.write(renderStatus(first))
  else await watch(first, ask)
  return 0
}

async function watch(first: Status, ask: () => Promise<Status>): Promise<void> {
  const quit = new AbortController()
  const stop = () => quit.abort()
  const onKey = (key: Buffer) => {
    const text = key.toString()
    if (text === 'q' || text === ctrlC) stop()
  }
  const { stdin } = process
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  if (stdin.isTTY) stdin.setRawMode(true).on('data', onKey).resume()
  try {
    let before: Status | undefined
    for (let status = first; ; ) {
      process.stdout.write(`${clear}${renderStatus(status, before)}\nq quits\n`)
      before = status
      await systemClock.sleep(every, quit.signal)
      status = await ask()
    }
  } catch (error) {
    if (!quit.signal.aborted) throw error
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false).off('data', onKey).pause()
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

/** `affiant pid`: for scripts and for `kill`. */

import { readAgentFile } from '../agent/agent-file.ts'
import { loadDataDir } from '../agent/load.ts'
import { AffiantError } from '../errors.ts'

export async function pidCommand(configPaths: readonly string[]): Promise<number> {
  const dataDir = await loadDataDir(configPaths)
  const agent = readAgentFile(dataDir)
  if (!agent?.running) {
    throw new AffiantError('agent_not_running', `no agent runs on ${dataDir}`, {
      hint: 'start one with affiant run, or name its configuration with -c',
    })
  }
  process.stdout.write(`${agent.pid}\n`)
  return 0
}

/** `affiant pid`: for scripts and for `kill`. */

import { readAgentFile } from '../agent/agent-file.ts'
import { loadDataDir } from '../agent/load.ts'
import { noAgent } from './ask-agent.ts'

export async function pidCommand(configPaths: readonly string[]): Promise<number> {
  const dataDir = await loadDataDir(configPaths)
  const agent = readAgentFile(dataDir)
  if (!agent?.running) throw noAgent(dataDir)
  process.stdout.write(`${agent.pid}\n`)
  return 0
}

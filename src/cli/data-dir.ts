/** Commands that look at a data directory find it as the agent does: through the configuration. */
import { loadAgentConfig } from '../agent/load.ts'

/** `agent.data_dir` of the configuration. Secrets need not be readable for this. */
export async function dataDirOf(configPaths: readonly string[]): Promise<string> {
  const { config } = await loadAgentConfig(configPaths, { environment: false })
  return config.agent.data_dir
}

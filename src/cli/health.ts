/** `affiant health`: the running agent's health as an exit code, for what can only run a command: a container's HEALTHCHECK, a script. */
import { z } from 'zod'
import { readAgentFile } from '../agent/agent-file.ts'
import { loadDataDir } from '../agent/load.ts'
import { askAgent, noAgent } from './ask-agent.ts'

export interface HealthCommandOptions {
  readonly config: readonly string[]
  /** Only whether it answers: what `/healthz` says. */
  readonly live: boolean
  readonly out: { write(text: string): unknown }
}

const liveness = {
  path: '/healthz',
  schema: z.looseObject({ status: z.literal('ok') }),
  otherwise: 'its answer says nothing of health',
}
// `/readyz` says the same with a status of 503, which is no answer to others who ask.
const readiness = {
  path: '/status',
  schema: z.looseObject({
    ready: z.boolean(),
    reasons: z.array(z.looseObject({ component: z.string(), message: z.string() })),
  }),
  otherwise: 'its answer is no status',
}

/**
 * 0 when it is ready (`live`: when it answers); 1 when it is not, with a line for each reason.
 * @throws AffiantError agent_not_running, agent_not_answering
 */
export async function healthCommand({ config, live, out }: HealthCommandOptions): Promise<number> {
  const dataDir = await loadDataDir(config)
  const agent = readAgentFile(dataDir)
  if (!agent?.running) throw noAgent(dataDir)
  if (live) {
    await askAgent(agent, dataDir, liveness)
    out.write('live\n')
    return 0
  }
  const { ready, reasons } = await askAgent(agent, dataDir, readiness)
  out.write(ready ? 'ready\n' : 'not ready\n')
  for (const { component, message } of reasons) out.write(`  ${component}: ${message}\n`)
  return ready ? 0 : 1
}

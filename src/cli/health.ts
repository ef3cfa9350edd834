/** `affiant health`: the running agent's health as an exit code, for what can only run a command: a container's HEALTHCHECK, a script. */
import { z } from 'zod'
import { readAgentFile } from '../agent/agent-file.ts'
import { loadDataDir } from '../agent/load.ts'
import { askAgent, noAgent } from './ask-agent.ts'

export interface HealthCommandOptions {
  readonly config: readonly string[]
  /** Only whether it answers: what `/healthz` says. */
  readonly live: boolean
  /** What the agent answers, in place of words. */
  readonly json: boolean
  readonly out: { write(text: string): unknown }
}

const liveness = {
  path: '/healthz',
  schema: z.looseObject({ status: z.literal('ok') }),
  otherwise: 'its answer says nothing of health',
}
const readiness = {
  path: '/readyz',
  schema: z.looseObject({
    ready: z.boolean(),
    reasons: z.array(z.looseObject({ component: z.string(), message: z.string() })),
  }),
  otherwise: 'its answer says nothing of readiness',
  // It is not ready, and the answer says why.
  also: [503],
}

/**
 * 0 when it is ready (`live`: when it answers); 1 when it is not, with a line for each reason.
 * @throws AffiantError agent_not_running, agent_not_answering
 */
export async function healthCommand({ config, live, json, out }: HealthCommandOptions): Promise<number> {
  const dataDir = await loadDataDir(config)
  const agent = readAgentFile(dataDir)
  if (!agent?.running) throw noAgent(dataDir)
  if (live) {
    const answer = await askAgent(agent, dataDir, liveness)
    out.write(json ? `${JSON.stringify(answer)}\n` : 'live\n')
    return 0
  }
  const answer = await askAgent(agent, dataDir, readiness)
  if (json) out.write(`${JSON.stringify(answer)}\n`)
  else {
    out.write(answer.ready ? 'ready\n' : 'not ready\n')
    for (const { component, message } of answer.reasons) out.write(`  ${component}: ${message}\n`)
  }
  return answer.ready ? 0 : 1
}

/** Whether an agent has delivered what it has, by its metrics. */
import type { AgentProcess } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'

/** At least `count` events are settled, and none is left. */
export async function delivered(agent: AgentProcess, count: number, sink = 'out'): Promise<void> {
  const labels = `{sink="${sink}"}`
  await until(
    'everything is delivered',
    async () =>
      (await agent.metric('affiant_sink_lag_events', labels)) === 0 &&
      ((await agent.metric('affiant_sink_events_total', labels)) ?? 0) >= count,
    () => agent.stderr,
  )
}

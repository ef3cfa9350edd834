/** Ready: every receiver takes records, the journal commits, no sink is held. Otherwise the reasons, one each. */
import type { Delivery } from '../delivery/delivery.ts'
import type { Journal } from '../journal/contract.ts'

interface NotReady {
  readonly component: string
  readonly message: string
}

export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly NotReady[]
}

/** What the agent is doing besides running. */
export type Phase = 'starting' | 'running' | 'draining'

export function readiness(phase: Phase, journal: Journal, deliveries: readonly Delivery[]): Readiness {
  const reasons: NotReady[] = []
  if (phase !== 'running') reasons.push({ component: 'agent', message: `the agent is ${phase}` })
  if (journal.pressure) reasons.push({ component: 'journal', message: journal.pressure.message })
  for (const delivery of deliveries) {
    const { name, state, lastError } = delivery.status()
    if (state === 'held') reasons.push({ component: `sinks.${name}`, message: lastError ?? 'held' })
  }
  return { ready: reasons.length === 0, reasons }
}

/** How each part stands, and whether the agent is ready: every receiver takes records, the journal commits, no sink is held. */
import type { Delivery } from '../delivery/delivery.ts'
import type { Journal } from '../journal/contract.ts'
import type { Receiver } from '../receivers/receiver.ts'

interface NotReady {
  readonly component: string
  readonly message: string
}

/** How one part stands. Snake case and null: this is what leaves the process as JSON. */
interface ComponentHealth {
  /** `agent`, `journal`, `receivers.<name>`, `sinks.<name>`. */
  readonly component: string
  readonly ready: boolean
  /** One word of the component's own; docs/operating.md has them. */
  readonly state: string
  /** One sentence; null where there is nothing to say. What is ready may have one, too: that it tries again, for example. */
  readonly message: string | null
}

export interface Readiness {
  readonly ready: boolean
  /** One for each cause: receivers that only wait for the journal are none. */
  readonly reasons: readonly NotReady[]
  readonly components: readonly ComponentHealth[]
}

/** What the agent is doing besides running. */
export type Phase = 'starting' | 'running' | 'draining'

/** For how long a commit may be under way before it counts as one that does not end. Milliseconds. */
const patience = 5_000

interface Parts {
  readonly phase: Phase
  /** Why not all that is configured runs; null where it does. */
  readonly fault: string | null
  readonly journal: Pick<Journal, 'pressure' | 'unansweredMilliseconds'>
  readonly receivers: readonly Pick<Receiver, 'name' | 'trouble'>[]
  readonly deliveries: readonly Pick<Delivery, 'status'>[]
}

export function readiness({ phase, fault, journal, receivers, deliveries }: Parts): Readiness {
  const own = ownHealth(phase, fault)
  const store = journalHealth(journal)
  const sinks = deliveries.map(sinkHealth)
  const reasons = [own, store, ...sinks].flatMap(({ component, ready, state, message }) =>
    ready ? [] : [{ component, message: message ?? state }],
  )
  const components = [own, store, ...receivers.map((each) => receiverHealth(each, phase, store)), ...sinks]
  return { ready: reasons.length === 0, reasons, components }
}

function ownHealth(phase: Phase, fault: string | null): ComponentHealth {
  const component = 'agent'
  if (phase !== 'running') return { component, ready: false, state: phase, message: `the agent is ${phase}` }
  return { component, ready: fault === null, state: fault === null ? phase : 'incomplete', message: fault }
}

function journalHealth({ pressure, unansweredMilliseconds }: Parts['journal']): ComponentHealth {
  const component = 'journal'
  if (pressure) return { component, ready: false, state: pressure.reason, message: pressure.message }
  if (unansweredMilliseconds < patience) return { component, ready: true, state: 'ok', message: null }
  const seconds = Math.floor(unansweredMilliseconds / 1_000)
  const message = `the disk that holds the data directory has not answered for ${seconds} s`
  return { component, ready: false, state: 'stalled', message }
}

function receiverHealth(
  { name, trouble }: Pick<Receiver, 'name' | 'trouble'>,
  phase: Phase,
  journal: ComponentHealth,
): ComponentHealth {
  const component = `receivers.${name}`
  if (phase !== 'running') return { component, ready: false, state: phase, message: null }
  if (!journal.ready) {
    return { component, ready: false, state: 'paused', message: 'it waits until the journal commits' }
  }
  const message = trouble?.() ?? null
  return { component, ready: true, state: message === null ? 'ok' : 'impaired', message }
}

function sinkHealth(delivery: Pick<Delivery, 'status'>): ComponentHealth {
  const { name, state, lastError } = delivery.status()
  const message = state === 'ok' ? null : (lastError ?? null)
  return { component: `sinks.${name}`, ready: state !== 'held', state, message }
}

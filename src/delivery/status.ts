/** How a sink's delivery stands. */
import type { EndpointStatus } from '../sinks/sink.ts'
import type { Condition, SinkState } from './condition.ts'
import type { DeliveryOptions } from './delivery.ts'
import type { Evidence } from './evidence.ts'
import type { SettledPrefix } from './settle.ts'
import type { Slots } from './slots.ts'

export interface DeliveryStatus {
  readonly name: string
  readonly state: SinkState
  /** Everything below is settled. */
  readonly settled: number
  /** Committed events that are not. */
  readonly lag: number
  /** 0 when nothing is unsettled. */
  readonly oldestUnsettledSeconds: number
  readonly lastError: string | undefined
  /** Batches under way, and how many may be. */
  readonly inFlight: number
  readonly limit: number
  /** Accepted since the start. */
  readonly deliveredEvents: number
  readonly endpoints: readonly EndpointStatus[]
}

interface Parts extends Pick<DeliveryOptions, 'sink' | 'journal' | 'clock' | 'metrics'> {
  readonly prefix: SettledPrefix
  readonly condition: Condition
  readonly slots: Slots
  readonly evidence: Evidence
}

/** What the metrics show of it is set by the way. */
export function statusOf({ sink, journal, clock, metrics, ...parts }: Parts): DeliveryStatus {
  const { settled, since } = parts.prefix
  const lag = Math.max(0, journal.durableSeq - settled)
  const oldest = lag === 0 ? undefined : since
  const oldestUnsettledSeconds = oldest === undefined ? 0 : Math.max(0, (clock.now() - oldest) / 1000)
  metrics.sinkLagEvents.set({ sink: sink.name }, lag)
  metrics.sinkOldestSeconds.set({ sink: sink.name }, oldestUnsettledSeconds)
  const { state, lastError } = parts.condition
  return {
    name: sink.name,
    state,
    settled,
    lag,
    oldestUnsettledSeconds,
    lastError,
    inFlight: parts.slots.taken,
    limit: parts.slots.limit,
    deliveredEvents: parts.evidence.acceptedEvents,
    endpoints: sink.endpoints?.() ?? [],
  }
}

/** How the agent does, at this moment: what `GET /status` answers and `affiant status` prints. Documented in docs/operating.md. */
import type { Delivery } from '../delivery/delivery.ts'
import type { Journal } from '../journal/contract.ts'
import { version } from '../version.ts'
import type { IntakeTotals } from './intake-meter.ts'
import type { Ledger } from './ledger.ts'
import type { Readiness } from './readiness.ts'

export interface StatusOptions {
  readonly agent: string
  /** RFC 3339. */
  readonly started: string
  /** Configured, by name. */
  readonly receivers: Readonly<Record<string, { readonly type: string }>>
  readonly sinks: Readonly<Record<string, { readonly type: string }>>
  readonly totals: ReadonlyMap<string, Readonly<IntakeTotals>>
  readonly journal: Pick<Journal, 'stats' | 'durableSeq' | 'pressure'>
  readonly ledger: Pick<Ledger, 'sink'>
  readonly deliveries: readonly Pick<Delivery, 'status'>[]
  /** Bytes on disk. */
  readonly deadLetters: (sink: string) => number
  readonly readiness: () => Readiness
}

/** Snake case: this is what leaves the process as JSON. Nothing in it is of an event, and nothing is a credential. */
export function statusReport(options: StatusOptions) {
  const { agent, started, receivers, totals, journal, readiness } = options
  const { ready, reasons } = readiness()
  const { bytes, maxBytes, segments, firstSeq, nextSeq } = journal.stats()
  return {
    // Not in whole seconds: rates are told from it.
    agent: { id: agent, version, pid: process.pid, started, uptime_seconds: process.uptime() },
    ready,
    reasons,
    receivers: Object.entries(receivers).map(([name, { type }]) => {
      const counts = totals.get(name)
      const { records = 0, duplicates = 0, rejected = 0 } = counts ?? {}
      const { skipped = 0, dropped = 0, events = 0 } = counts ?? {}
      const paused = journal.pressure !== null
      return { name, type, paused, records, duplicates, rejected, skipped, dropped, events }
    }),
    journal: {
      bytes,
      max_bytes: maxBytes,
      segments,
      first_seq: firstSeq,
      next_seq: nextSeq,
      durable_seq: journal.durableSeq,
      pressure: journal.pressure && { reason: journal.pressure.reason, message: journal.pressure.message },
    },
    sinks: options.deliveries.map((delivery) => sinkStatus(delivery, options)),
  }
}

function sinkStatus(delivery: Pick<Delivery, 'status'>, { sinks, ledger, deadLetters }: StatusOptions) {
  const status = delivery.status()
  const { name } = status
  return {
    name,
    type: sinks[name]?.type ?? null,
    state: status.state,
    settled_seq: status.settled,
    lag_events: status.lag,
    oldest_unsettled_seconds: status.oldestUnsettledSeconds,
    in_flight: status.inFlight,
    limit: status.limit,
    delivered_events: status.deliveredEvents,
    dead_letters: ledger.sink(name).deadLettered,
    dead_letter_bytes: deadLetters(name),
    last_error: status.lastError ?? null,
    endpoints: status.endpoints.map(({ url, circuit, lastError }) => ({
      url,
      circuit,
      last_error: lastError ?? null,
    })),
  }
}

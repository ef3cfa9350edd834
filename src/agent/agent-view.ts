/** What a running agent shows to whoever looks: readiness, metrics, reports. */
import type { Journal } from '../journal/contract.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { TelemetryServerOptions } from '../telemetry/server.ts'
import type { ConfigInUse } from './config-in-use.ts'
import { filesReport } from './file-books.ts'
import { journalMetrics } from './journal-metrics.ts'
import type { Ledger } from './ledger.ts'
import { fileMetrics, sinkMetrics } from './ledger-metrics.ts'
import { type Phase, type Readiness, readiness } from './readiness.ts'
import type { RunningReceivers } from './running-receivers.ts'
import type { RunningSinks } from './running-sinks.ts'
import { statusReport } from './status.ts'

export interface ViewOptions {
  /** RFC 3339. */
  readonly started: string
  readonly inUse: ConfigInUse
  readonly phase: () => Phase
  /** Why not all that is configured runs. */
  readonly fault: () => string | null
  readonly journal: Journal
  readonly ledger: Ledger
  readonly sinks: RunningSinks
  readonly receivers: RunningReceivers
  readonly metrics: Metrics
}

export function viewOf(
  options: ViewOptions,
): Pick<TelemetryServerOptions, 'metrics' | 'beforeScrape' | 'reports' | 'readiness'> {
  const { started, inUse, phase, fault, journal, ledger, sinks, receivers, metrics } = options
  const isReady = (): Readiness =>
    readiness({
      phase: phase(),
      fault: fault(),
      journal,
      receivers: receivers.all,
      deliveries: sinks.deliveries,
    })
  const tellSinks = sinkMetrics(ledger, metrics)
  const deadLetters = (sink: string) => sinks.open.get(sink)?.deadLetters.bytes ?? 0
  return {
    metrics,
    beforeScrape: async () => {
      await fileMetrics(receivers.all, ledger, metrics)
      journalMetrics(journal, metrics)
      for (const delivery of sinks.deliveries) delivery.status()
      for (const sink of sinks.open.keys()) metrics.deadLetterBytes.set({ sink }, deadLetters(sink))
      tellSinks()
    },
    reports: {
      '/files': () =>
        filesReport({ receivers: receivers.all, totals: receivers.totals, sinks: ledger.sinks, ledger }),
      '/status': async () =>
        statusReport({
          agent: inUse.config.agent.id,
          started,
          receivers: inUse.config.receivers,
          sinks: inUse.config.sinks,
          totals: receivers.totals,
          journal,
          ledger,
          deliveries: sinks.deliveries,
          deadLetters,
          readiness: isReady,
        }),
    },
    readiness: isReady,
  }
}

/** The journal's gauges, set when somebody asks. */
import type { Journal } from '../journal/contract.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export function journalMetrics(journal: Journal, metrics: Metrics): void {
  const stats = journal.stats()
  metrics.journalBytes.set(stats.bytes)
  metrics.journalMaxBytes.set(stats.maxBytes)
  metrics.journalSegments.set(stats.segments)
  metrics.journalNextSeq.set(stats.nextSeq)
  metrics.journalPressure.reset()
  if (journal.pressure) metrics.journalPressure.set({ reason: journal.pressure.reason }, 1)
}

/** What one receiver has taken in: metrics, and the totals that `run` prints. Counted per batch. */
import type { NormalisedBatch } from '../normalise/contract.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RouteNotes } from './route-notes.ts'

export interface IntakeTotals {
  records: number
  skipped: number
  dropped: number
  events: number
  unparsed: number
  incomplete: number
}

export interface IntakeMeter {
  readonly totals: Readonly<IntakeTotals>
  committed(batch: NormalisedBatch, bytes: number): void
}

export function createIntakeMeter(
  receiver: string,
  metrics: Metrics,
  routeNames: readonly string[],
  /** Told of what each route drops. */
  notes: Pick<RouteNotes, 'dropped'>,
): IntakeMeter {
  const labels = { receiver }
  const totals: IntakeTotals = { records: 0, skipped: 0, dropped: 0, events: 0, unparsed: 0, incomplete: 0 }
  return {
    totals,
    committed(batch, bytes) {
      totals.records += batch.records
      totals.skipped += batch.skipped
      totals.events += batch.count
      totals.unparsed += batch.unparsed
      totals.incomplete += batch.incomplete
      metrics.recordsRead.inc(labels, batch.records)
      metrics.bytesRead.inc(labels, bytes)
      metrics.eventsCommitted.inc(labels, batch.count)
      if (batch.skipped > 0) metrics.recordsSkipped.inc(labels, batch.skipped)
      if (batch.unparsed > 0) metrics.recordsUnparsed.inc(labels, batch.unparsed)
      if (batch.incomplete > 0) metrics.eventsIncomplete.inc(labels, batch.incomplete)
      if (batch.rejected.length > 0) metrics.recordsRejected.inc(labels, batch.rejected.length)
      if (totals.events > 0)
        metrics.completeness.set(labels, (totals.events - totals.incomplete) / totals.events)
      batch.dropped.forEach((count, route) => {
        if (count === 0) return
        totals.dropped += count
        notes.dropped(route, count)
        metrics.eventsDroppedOf.inc(labels, count)
        metrics.eventsDropped.inc({ route: routeNames[route] ?? String(route) }, count)
      })
    },
  }
}

/** All receivers together. */
export function sumTotals(all: readonly Readonly<IntakeTotals>[]): IntakeTotals {
  const sum: IntakeTotals = { records: 0, skipped: 0, dropped: 0, events: 0, unparsed: 0, incomplete: 0 }
  for (const totals of all) {
    sum.records += totals.records
    sum.skipped += totals.skipped
    sum.dropped += totals.dropped
    sum.events += totals.events
    sum.unparsed += totals.unparsed
    sum.incomplete += totals.incomplete
  }
  return sum
}

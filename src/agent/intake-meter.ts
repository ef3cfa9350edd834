/** What one receiver has taken in: metrics, and the totals that `run` prints. Counted per batch. */
import type { NormalisedBatch } from '../normalise/contract.ts'
import type { Repeats } from '../receivers/receiver.ts'
import type { RouteSpec } from '../routing/route.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RouteNotes } from './route-notes.ts'

/** `records` = `duplicates` + `rejected` + `skipped` + `dropped` + `events`, where each record is one event. */
export interface IntakeTotals {
  records: number
  /** Records that were in the journal already: answered as taken in, and not committed again. */
  duplicates: number
  /** Not taken in, which their clients were told. */
  rejected: number
  skipped: number
  dropped: number
  events: number
  unparsed: number
  incomplete: number
}

export interface IntakeMeter {
  readonly totals: Readonly<IntakeTotals>
  /** `routes`: the table that its route bits refer to. */
  committed(batch: NormalisedBatch, bytes: number, routes: readonly RouteSpec[]): void
  repeated(repeats: Repeats): void
  /** Records that were refused for their scope with all of their request. */
  outOfScope(count: number): void
}

export function createIntakeMeter(
  receiver: string,
  metrics: Metrics,
  /** Told of what each route drops. */
  notes: Pick<RouteNotes, 'dropped'>,
): IntakeMeter {
  const labels = { receiver }
  const totals = noTotals()
  return {
    totals,
    outOfScope(count) {
      if (count > 0) metrics.recordsOutOfScope.inc(labels, count)
    },
    repeated({ duplicates, conflicts }) {
      totals.records += duplicates
      totals.duplicates += duplicates
      metrics.recordsRead.inc(labels, duplicates)
      metrics.recordsDuplicate.inc(labels, duplicates)
      metrics.recordsConflicting.inc(labels, conflicts)
    },
    committed(batch, bytes, routes) {
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
      const { rejected } = batch
      if (rejected.length > 0) {
        totals.rejected += rejected.length
        const outside = rejected.filter(({ scope }) => scope !== undefined).length
        if (outside > 0) metrics.recordsOutOfScope.inc(labels, outside)
        if (rejected.length > outside) metrics.recordsRejected.inc(labels, rejected.length - outside)
      }
      if (totals.events > 0)
        metrics.completeness.set(labels, (totals.events - totals.incomplete) / totals.events)
      batch.dropped.forEach((count, index) => {
        const route = routes[index]
        if (count === 0 || route === undefined) return
        totals.dropped += count
        notes.dropped(route, count)
        metrics.eventsDroppedOf.inc(labels, count)
        metrics.eventsDropped.inc({ route: route.name }, count)
      })
    },
  }
}

/** All receivers together. */
export function sumTotals(all: readonly Readonly<IntakeTotals>[]): IntakeTotals {
  const sum = noTotals()
  for (const totals of all) {
    sum.records += totals.records
    sum.duplicates += totals.duplicates
    sum.rejected += totals.rejected
    sum.skipped += totals.skipped
    sum.dropped += totals.dropped
    sum.events += totals.events
    sum.unparsed += totals.unparsed
    sum.incomplete += totals.incomplete
  }
  return sum
}

const noTotals = (): IntakeTotals => ({
  records: 0,
  duplicates: 0,
  rejected: 0,
  skipped: 0,
  dropped: 0,
  events: 0,
  unparsed: 0,
  incomplete: 0,
})

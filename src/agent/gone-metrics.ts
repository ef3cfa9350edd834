/** Gauges of what is not there any more. Counters stay: what was counted was. */
import type { Metrics } from '../telemetry/metrics.ts'

export function forgetSink(sink: string, metrics: Metrics): void {
  for (const gauge of [
    metrics.eventsUnsettled,
    metrics.deadLetterBytes,
    metrics.sinkLagEvents,
    metrics.sinkOldestSeconds,
    metrics.sinkHeld,
  ]) {
    gauge.remove({ sink })
  }
}

export function forgetReceiver(receiver: string, metrics: Metrics): void {
  for (const gauge of [
    metrics.completeness,
    metrics.filesOpen,
    metrics.filesOpenLimit,
    metrics.filesWatched,
    metrics.filesIgnored,
    metrics.watchUp,
  ]) {
    gauge.remove({ receiver })
  }
  for (const state of ['present', 'gone', 'unknown']) metrics.pods.remove({ receiver, state })
}

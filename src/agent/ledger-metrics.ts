/** The books as metrics, set when somebody asks: totals by sink, and positions by file for as many as is reasonable. */
import type { Receiver } from '../receivers/receiver.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { type FileBooks, fileBooks } from './file-books.ts'
import type { Ledger } from './ledger.ts'

/** Files of a receiver with metrics of their own: each costs a dozen series. */
const mostFiles = 500

export function sinkMetrics(ledger: Ledger, sinks: readonly string[], metrics: Metrics): () => void {
  const told = new Map(sinks.map((sink) => [sink, { routed: 0, missed: 0 }]))
  return () => {
    for (const [sink, before] of told) {
      const { routed, missed, unsettled } = ledger.sink(sink)
      metrics.eventsRouted.inc({ sink }, Math.max(0, routed - before.routed))
      metrics.eventsMissed.inc({ sink }, Math.max(0, missed - before.missed))
      metrics.eventsUnsettled.set({ sink }, unsettled)
      told.set(sink, { routed, missed })
    }
  }
}

export async function fileMetrics(
  receivers: readonly Receiver[],
  ledger: Ledger,
  metrics: Metrics,
): Promise<void> {
  const found: { receiver: string; files: FileBooks[] }[] = []
  for (const { name: receiver, files } of receivers) {
    if (files === undefined) continue
    const progress = await files(mostFiles)
    found.push({ receiver, files: progress.map((file) => fileBooks(receiver, file, ledger)) })
  }
  // Only now: a second scrape at the same time must not find half of it.
  for (const gauge of [
    metrics.fileBytes,
    metrics.fileSettledBytes,
    metrics.fileRecords,
    metrics.fileDeadLetters,
    metrics.otherFilesBytes,
    metrics.receiverLagBytes,
  ])
    gauge.reset()
  for (const { receiver, files } of found) {
    const behind = files.reduce((sum, { lag, size, committed }) => sum + (lag ?? (size ?? 0) - committed), 0)
    metrics.receiverLagBytes.set({ receiver }, Math.max(0, behind))
    const listed = [...files].sort((a, b) => Number((b.lag ?? 1) > 0) - Number((a.lag ?? 1) > 0))
    for (const file of listed.slice(0, mostFiles)) setFile(file, metrics)
    for (const [state, bytes] of sums(listed.slice(mostFiles)))
      metrics.otherFilesBytes.set({ receiver, state }, bytes)
  }
}

/** Added up, since a rotated file without a name is shown under the one it had. */
function setFile(
  { receiver, path: file, size, read, committed, counts, sinks }: FileBooks,
  metrics: Metrics,
) {
  const labels = { receiver, file }
  metrics.fileBytes.inc({ ...labels, state: 'size' }, size ?? 0)
  metrics.fileBytes.inc({ ...labels, state: 'read' }, read)
  metrics.fileBytes.inc({ ...labels, state: 'committed' }, committed)
  metrics.fileRecords.inc(labels, counts?.records ?? 0)
  for (const [sink, { settled, dead_letters: letters }] of Object.entries(sinks)) {
    // What nobody knows yet is left out, rather than shown as nothing.
    if (settled !== null) metrics.fileSettledBytes.inc({ ...labels, sink }, settled)
    metrics.fileDeadLetters.inc({ ...labels, sink }, letters)
  }
}

function sums(files: readonly FileBooks[]): Map<string, number> {
  const sum = new Map<string, number>()
  const add = (state: string, bytes: number) => sum.set(state, (sum.get(state) ?? 0) + bytes)
  for (const { size, read, committed, settled } of files) {
    add('size', size ?? 0)
    add('read', read)
    add('committed', committed)
    add('settled', settled ?? 0)
  }
  return sum
}

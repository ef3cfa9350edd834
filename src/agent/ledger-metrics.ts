/** The books as metrics, set when somebody asks: totals by sink, and positions by file for as many as is reasonable. */
import type { FileProgress, Receiver } from '../receivers/receiver.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { type FileBooks, fileBooks } from './file-books.ts'
import type { Ledger } from './ledger.ts'

/** Files of a receiver with metrics of their own: each costs a dozen series. */
const mostFiles = 500

export function sinkMetrics(ledger: Pick<Ledger, 'sinks' | 'sink'>, metrics: Metrics): () => void {
  const told = new Map<string, { readonly routed: number; readonly missed: number }>()
  return () => {
    for (const sink of ledger.sinks) {
      const before = told.get(sink) ?? { routed: 0, missed: 0 }
      const { routed, missed, unsettled } = ledger.sink(sink)
      metrics.eventsRouted.inc({ sink }, Math.max(0, routed - before.routed))
      metrics.eventsMissed.inc({ sink }, Math.max(0, missed - before.missed))
      metrics.eventsUnsettled.set({ sink }, unsettled)
      // Both are taken back a little when a sink goes on as another one, and told once all the same.
      told.set(sink, {
        routed: Math.max(routed, before.routed),
        missed: Math.max(missed, before.missed),
      })
    }
  }
}

export async function fileMetrics(
  receivers: readonly Receiver[],
  ledger: Ledger,
  metrics: Metrics,
): Promise<void> {
  const found: { receiver: string; files: Followed[] }[] = []
  for (const receiver of receivers) {
    const files = ((await receiver.files?.(mostFiles)) ?? []).map((file) => withLag(file, ledger))
    if (files.length === 0) continue
    files.sort((a, b) => Number(b.isBehind) - Number(a.isBehind))
    found.push({ receiver: receiver.name, files })
  }
  // Only now: a second scrape at the same time must not find half of it.
  for (const gauge of [
    metrics.fileBytes,
    metrics.fileSettledBytes,
    metrics.fileRecords,
    metrics.fileRouted,
    metrics.fileAccepted,
    metrics.fileDeadLetters,
    metrics.otherFilesBytes,
    metrics.receiverLagBytes,
  ])
    gauge.reset()
  for (const { receiver, files } of found) {
    let lag = 0
    for (const { file, settled } of files) lag += Math.max(0, (file.size ?? 0) - (settled ?? file.committed))
    metrics.receiverLagBytes.set({ receiver }, lag)
    for (const { file } of files.slice(0, mostFiles)) setFile(fileBooks(receiver, file, ledger), metrics)
    for (const [state, bytes] of sums(files.slice(mostFiles)))
      metrics.otherFilesBytes.set({ receiver, state }, bytes)
  }
}

/** What must be known of each file, however many there are. */
interface Followed {
  readonly file: FileProgress
  readonly settled: number | null
  readonly isBehind: boolean
}

function withLag(file: FileProgress, ledger: Ledger): Followed {
  const settled = ledger.settled(file.stream)
  return { file, settled, isBehind: settled === null || (file.size ?? 0) > settled }
}

/** Added up, since a rotated file without a name is shown under the one it had. */
function setFile(
  { receiver, path: file, size, read, committed, counts, sinks }: FileBooks,
  metrics: Metrics,
) {
  const labels = { receiver, file }
  if (size !== null) metrics.fileBytes.inc({ ...labels, state: 'size' }, size)
  metrics.fileBytes.inc({ ...labels, state: 'read' }, read)
  metrics.fileBytes.inc({ ...labels, state: 'committed' }, committed)
  metrics.fileRecords.inc(labels, counts?.records ?? 0)
  for (const [sink, { settled, routed, accepted, dead_letters: letters }] of Object.entries(sinks)) {
    const atSink = { ...labels, sink }
    // What nobody knows yet is left out, rather than shown as nothing.
    if (settled !== null) metrics.fileSettledBytes.inc(atSink, settled)
    metrics.fileRouted.inc(atSink, routed)
    metrics.fileAccepted.inc(atSink, accepted)
    metrics.fileDeadLetters.inc(atSink, letters)
  }
}

function sums(files: readonly Followed[]): [state: string, bytes: number][] {
  let [sizes, handedOn, inJournal, atSinks] = [0, 0, 0, 0]
  for (const { file, settled } of files) {
    sizes += file.size ?? 0
    handedOn += file.read
    inJournal += file.committed
    atSinks += settled ?? 0
  }
  return [
    ['size', sizes],
    ['read', handedOn],
    ['committed', inJournal],
    ['settled', atSinks],
  ]
}

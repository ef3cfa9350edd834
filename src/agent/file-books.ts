/** Each file with how far it is read, committed and settled: what `GET /files` answers and `affiant files` prints. */
import type { FileProgress, FileState, Receiver } from '../receivers/receiver.ts'
import type { IntakeTotals } from './intake-meter.ts'
import type { Ledger, StreamBooks } from './ledger.ts'

/** Snake case: this is what leaves the process as JSON. Sizes and positions in bytes of the stream. */
export interface FileBooks {
  readonly receiver: string
  readonly path: string
  readonly stream: string | null
  readonly state: FileState
  readonly size: number | null
  /** Handed on as whole lines. */
  readonly read: number
  readonly committed: number
  /** By the slowest sink that its events go to; null where that is not known. */
  readonly settled: number | null
  /** `size - settled`. */
  readonly lag: number | null
  /** `records = skipped + dropped + events`, of this run; null without an agent that counts. */
  readonly counts: FileCounts | null
  readonly sinks: Readonly<Record<string, FileAtSink>>
}

interface FileCounts {
  readonly records: number
  readonly skipped: number
  readonly dropped: number
  readonly events: number
}

export interface FileAtSink {
  readonly settled: number | null
  readonly routed: number
  readonly accepted: number
  readonly dead_letters: number
}

export interface FilesReport {
  readonly receivers: Readonly<Record<string, FileCounts>>
  /** `routed = accepted + dead_letters + missed + unsettled`, at any moment. */
  readonly sinks: Readonly<
    Record<
      string,
      {
        readonly routed: number
        readonly accepted: number
        readonly dead_letters: number
        readonly missed: number
        readonly unsettled: number
        readonly settled_seq: number
      }
    >
  >
  /** By path. */
  readonly files: readonly FileBooks[]
}

export interface FilesReportOptions {
  readonly receivers: readonly Receiver[]
  readonly totals: ReadonlyMap<string, Readonly<IntakeTotals>>
  readonly sinks: readonly string[]
  readonly ledger: Ledger
}

export async function filesReport({
  receivers,
  totals,
  sinks,
  ledger,
}: FilesReportOptions): Promise<FilesReport> {
  const files: FileBooks[] = []
  for (const receiver of receivers) {
    for (const file of (await receiver.files?.(Number.POSITIVE_INFINITY)) ?? [])
      files.push(fileBooks(receiver.name, file, ledger))
  }
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  // Nothing is awaited from here on: all of it is of one moment.
  return {
    receivers: Object.fromEntries(
      [...totals].map(([name, { records, skipped, dropped, events }]) => [
        name,
        { records, skipped, dropped, events },
      ]),
    ),
    sinks: Object.fromEntries(
      sinks.map((name) => {
        const { routed, accepted, deadLettered, missed, unsettled, settledSeq } = ledger.sink(name)
        const counts = { routed, accepted, dead_letters: deadLettered, missed, unsettled }
        return [name, { ...counts, settled_seq: settledSeq }]
      }),
    ),
    files,
  }
}

export function fileBooks(receiver: string, file: FileProgress, ledger: Ledger): FileBooks {
  const books = file.stream === null ? undefined : ledger.stream(file.stream)
  const settled = ledger.settled(file.stream)
  const { path, stream, state, size, read, committed } = file
  return {
    receiver,
    path,
    stream,
    state,
    size,
    read,
    committed,
    settled,
    lag: lagOf(size, settled),
    counts: books ? countsOf(books) : null,
    sinks: books ? bySink(books) : {},
  }
}

export const lagOf = (size: number | null, settled: number | null): number | null =>
  size === null || settled === null ? null : Math.max(0, size - settled)

const countsOf = ({ records, skipped, dropped, events }: StreamBooks): FileCounts => ({
  records,
  skipped,
  dropped,
  events,
})

const bySink = ({ sinks }: StreamBooks): Record<string, FileAtSink> =>
  Object.fromEntries(
    [...sinks].map(([sink, { settled, routed, accepted, deadLettered }]) => [
      sink,
      { settled, routed, accepted, dead_letters: deadLettered },
    ]),
  )

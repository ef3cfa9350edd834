/** `affiant journal export`: committed events as sinks give them, one line of JSON each. Needs no lock. */
import { AffiantError } from '../errors.ts'
import type { KeyRing } from '../journal/key-ring.ts'
import { gapSeqs } from '../journal/known-gaps.ts'
import { type JournalView, openJournalForReading, placeOf } from '../journal/reading.ts'
import { SeqRanges } from '../journal/seq-ranges.ts'
import { eventLines } from './event-lines.ts'
import { openOutput } from './output-file.ts'
import { Progress, type ProgressOptions } from './progress.ts'

interface ExportOptions {
  readonly dataDir: string
  readonly keys: KeyRing
  /** @default the oldest that is kept */
  readonly from?: number
  /** Included. @default the newest that is committed */
  readonly to?: number
  /** `-`: the standard output. */
  readonly output: string
  /** Where progress is shown, if it is one. */
  readonly terminal: ProgressOptions['stream']
  /** What is said beside the events. */
  readonly say: (line: string) => void
}

/** Resolves to the exit code: 0, or 65 when something of it is damaged or gone, which is named. */
export async function exportJournal(options: ExportOptions): Promise<number> {
  const { dataDir, keys, say } = options
  const view = await openJournalForReading(dataDir, { keys })
  const first = Math.max(options.from ?? 0, view.firstSeq)
  const end = Math.min((options.to ?? Number.POSITIVE_INFINITY) + 1, view.durableSeq)
  // What retention removed; anything else is said at the end.
  const lowest = Math.min(view.firstSeq, ...view.gaps.map(({ firstSeq }) => firstSeq))
  if (options.from !== undefined && options.from < lowest) {
    say(
      `seq ${options.from}..${Math.min(lowest - 1, options.to ?? Number.POSITIVE_INFINITY)}: no longer kept`,
    )
  }
  const progress = new Progress({ title: 'export', stream: options.terminal, onlyOnTerminal: true })
  await using output = await openOutput(options.output)
  await using reader = view.read(first)
  progress.begin(Math.max(0, end - first))
  let events = 0
  for (let block = first < end ? await reader.next() : null; block; block = await reader.next()) {
    const from = Math.max(0, first - block.firstSeq)
    const to = Math.min(block.count, end - block.firstSeq)
    if (to > from) {
      await output.write(eventLines(block, view.origin, from, to))
      events += to - from
      // What is gone is passed as well.
      progress.show(block.firstSeq + to - first, null)
    }
    if (block.firstSeq + block.count >= end) break
  }
  progress.end()
  const lost = lostOf(view, options.from ?? 0, options.to ?? Number.POSITIVE_INFINITY)
  for (const { seqs, why } of lost) say(`${seqs}: ${why}`)
  say(`${events} events`)
  return lost.length === 0 ? 0 : 65
}

/** What of `[from, to]` cannot be had, once it was read. */
function lostOf({ gaps, damage }: JournalView, from: number, to: number) {
  const known = gaps.filter(({ firstSeq, lastSeq }) => (lastSeq ?? Infinity) >= from && firstSeq <= to)
  const told = new SeqRanges()
  for (const { firstSeq, lastSeq } of known) told.add(firstSeq, (lastSeq ?? Infinity) + 1)
  const met = damage.filter(({ firstSeq, lastSeq }) => lastSeq >= from && firstSeq <= to)
  const rest = met.flatMap((found) =>
    told
      .missing(found.firstSeq, found.lastSeq + 1)
      .map(([firstSeq, next]) => ({ firstSeq, lastSeq: next - 1, why: placeOf(found) })),
  )
  return [...known, ...rest]
    .toSorted((a, b) => a.firstSeq - b.firstSeq)
    .map((gap) => ({ seqs: gapSeqs(gap), why: gap.why }))
}

/** @throws AffiantError usage */
export function seqOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seq = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(seq)) return seq
  throw new AffiantError(
    'usage',
    `${option} ${JSON.stringify(text)} is no seq: a whole number from 0, as log.seq has it`,
  )
}

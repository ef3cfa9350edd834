/** `affiant journal export`: committed events as sinks give them, one line of JSON each. Needs no lock. */
import { AffiantError } from '../errors.ts'
import type { KeyRing } from '../journal/key-ring.ts'
import { openJournalForReading } from '../journal/reading.ts'
import { eventLines } from './event-lines.ts'
import { openOutput } from './output-file.ts'

interface ExportOptions {
  readonly dataDir: string
  readonly keys: KeyRing
  /** @default the oldest that is kept */
  readonly from?: number
  /** Included. @default the newest that is committed */
  readonly to?: number
  /** `-`: the standard output. */
  readonly output: string
  /** What is said beside the events. */
  readonly say: (line: string) => void
}

/** Resolves to the exit code: 0, or 65 when damaged bytes were met, which are named. */
export async function exportJournal(options: ExportOptions): Promise<number> {
  const { dataDir, keys, say } = options
  const view = await openJournalForReading(dataDir, { keys })
  const first = Math.max(options.from ?? 0, view.firstSeq)
  const end = Math.min((options.to ?? Number.POSITIVE_INFINITY) + 1, view.durableSeq)
  if (options.from !== undefined && options.from < view.firstSeq) {
    say(`seq ${options.from}..${view.firstSeq - 1}: no longer kept`)
  }
  await using output = await openOutput(options.output)
  await using reader = view.read(first)
  let events = 0
  for (let block = first < end ? await reader.next() : null; block; block = await reader.next()) {
    const from = Math.max(0, first - block.firstSeq)
    const to = Math.min(block.count, end - block.firstSeq)
    if (to > from) {
      await output.write(eventLines(block, view.origin, from, to))
      events += to - from
    }
    if (block.firstSeq + block.count >= end) break
  }
  const lost = view.damage.filter(({ firstSeq, lastSeq }) => lastSeq >= first && firstSeq < end)
  for (const { segment, offset, firstSeq, lastSeq } of lost) {
    say(`seq ${firstSeq}..${lastSeq}: damaged, ${segment.name} @${offset}`)
  }
  say(`${events} events`)
  return lost.length === 0 ? 0 : 65
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

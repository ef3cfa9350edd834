/** The books at the end of a soak: what was written, what the journal has, what arrived. */
import { countJournal } from '../crash/count-journal.ts'
import { deadLettersIn } from '../crash/dead-letters.ts'
import type { OtlpLoad } from '../crash/load.ts'
import type { NumberedSink } from '../crash/numbered-sink.ts'
import type { RotatingFile } from './rotating-file.ts'

/** What became of the lines of one receiver. */
export interface Account {
  readonly receiver: string
  readonly rotations: number
  readonly written: number
  /** Events in the journal, each counted as often as it is there. */
  readonly journal: number
  /** Distinct ones at the sink, and those it refused for good. */
  readonly delivered: number
  readonly deadLetters: number
  readonly lost: number
  readonly twice: number
  /** Numbers of the lines that are lost or twice, as ranges. */
  readonly wrong: string
}

export async function balance(
  dataDir: string,
  files: readonly RotatingFile[],
  sink: NumberedSink,
  records: OtlpLoad,
): Promise<Account[]> {
  const letters = deadLettersIn(dataDir, 'hook')
  const accounts: Account[] = []
  for (const { rotation, lines, rotations: times } of files) {
    const journal = await countJournal(dataDir, rotation)
    const arrived = sink.from(rotation)
    const { distinct, twice } = arrived
    const refused = rotation === 'rename' ? letters.size : 0
    const missing = arrived.missing(lines.written).filter((n) => refused === 0 || !letters.has(n))
    accounts.push({
      receiver: rotation,
      rotations: times,
      written: lines.written,
      journal: journal.total,
      delivered: distinct,
      deadLetters: refused,
      lost: lines.written - distinct - refused,
      twice: Math.max(twice.size, journal.total - journal.distinct),
      wrong: ranges([...missing, ...twice]),
    })
  }
  const journal = await countJournal(dataDir, 'otlp')
  const arrived = sink.from('otlp')
  accounts.push({
    receiver: 'otlp',
    rotations: 0,
    written: records.acknowledged,
    // A client that heard nothing sends again: the journal may hold such a record twice, under one id.
    journal: journal.distinct,
    delivered: arrived.distinct,
    deadLetters: 0,
    lost: arrived.missing(records.acknowledged).length,
    twice: 0,
    wrong: '',
  })
  return accounts
}

/** `3–7, 12`, at most twenty of them. */
function ranges(numbers: readonly number[]): string {
  const found: [number, number][] = []
  for (const n of numbers.toSorted((a, b) => a - b)) {
    const last = found.at(-1)
    if (last && n <= last[1] + 1) last[1] = n
    else found.push([n, n])
  }
  return found
    .slice(0, 20)
    .map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`))
    .join(', ')
}

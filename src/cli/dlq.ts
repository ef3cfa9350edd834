/** The dead letters of a data directory, counted or printed. */
import { type KeptLetter, keyOf, lettersOf, sinksWithLetters } from '../delivery/letters-on-disk.ts'
import { SeenLetters } from '../delivery/seen-letters.ts'
import { AffiantError } from '../errors.ts'
import { figure } from '../figure.ts'
import { openOutput } from './output-file.ts'
import { type Column, renderTable } from './table.ts'

const damage = 65

interface Place {
  readonly dataDir: string
  /** A line for people, beside what is printed. */
  readonly say: (line: string) => void
}

interface Summary {
  readonly sink: string
  /** One that is there twice counts once. */
  readonly events: number
  readonly bytes: number
  /** RFC 3339; null when there is none. */
  readonly first: string | null
  readonly last: string | null
  /** The most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly events: number }[]
}

/** Resolves to the exit code: 65 when something there is no letter. */
export async function listLetters({
  dataDir,
  json,
  output,
  say,
}: Place & { readonly json: boolean; readonly output: Pick<NodeJS.WriteStream, 'write'> }): Promise<number> {
  const damaged = new Damaged(say)
  const summaries: Summary[] = []
  for (const sink of await sinksWithLetters(dataDir)) {
    summaries.push(await summary(sink, lettersOf(dataDir, sink, damaged.note)))
  }
  const found = summaries.filter(({ events }) => events > 0)
  if (json) output.write(`${JSON.stringify({ sinks: found })}\n`)
  else output.write(found.length === 0 ? 'no dead letters\n' : render(found))
  return damaged.exitCode
}

/** Resolves to the exit code. @throws AffiantError for a sink that never had any. */
export async function showLetters({
  dataDir,
  sink,
  from,
  to,
  events,
  say,
}: Place & {
  readonly sink: string
  /** Seqs, both included. */
  readonly from: number
  readonly to: number
  /** Without what the letter says about the event. */
  readonly events: boolean
}): Promise<number> {
  const known = await sinksWithLetters(dataDir)
  if (!known.includes(sink)) {
    throw new AffiantError('sink_not_found', `sink ${sink} has no dead letters in ${dataDir}`, {
      hint: known.length === 0 ? 'no sink has any' : `sinks that have, or had: ${known.join(', ')}`,
    })
  }
  const damaged = new Damaged(say)
  await using output = await openOutput('-')
  const seen = new SeenLetters()
  for await (const letter of lettersOf(dataDir, sink, damaged.note)) {
    if (letter.seq < from || letter.seq > to || !seen.add(keyOf(letter))) continue
    await output.write(events ? letter.event : letter.line)
  }
  return damaged.exitCode
}

class Damaged {
  exitCode = 0
  readonly note: (where: string) => void

  constructor(say: (line: string) => void) {
    this.note = (where) => {
      this.exitCode = damage
      say(`${where}: this line is no dead letter; it is left out`)
    }
  }
}

async function summary(sink: string, letters: AsyncIterable<KeptLetter>): Promise<Summary> {
  const seen = new SeenLetters()
  let count = 0
  const reasons = new Map<string, number>()
  let bytes = 0
  let first: string | null = null
  let last: string | null = null
  for await (const letter of letters) {
    const { time, reason, line } = letter
    bytes += line.length
    first ??= time
    last = time
    if (!seen.add(keyOf(letter))) continue
    count++
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  const byCount = Array.from(reasons, ([why, events]) => ({ reason: why, events }))
  byCount.sort((a, b) => b.events - a.events)
  return { sink, events: count, bytes, first, last, reasons: byCount }
}

type Row = Pick<Summary, 'sink' | 'first' | 'last'> & Summary['reasons'][number]

const columns: readonly Column<Row>[] = [
  { title: 'sink', right: false, cell: ({ sink }) => sink },
  { title: 'events', right: true, cell: ({ events }) => figure(events) },
  { title: 'first', right: false, cell: ({ first }) => first ?? '' },
  { title: 'last', right: false, cell: ({ last }) => last ?? '' },
  { title: 'reason', right: false, cell: ({ reason }) => reason },
]

/** A row for each sink, then one for each of its reasons when there are several. */
function render(summaries: readonly Summary[]): string {
  const rows = summaries.flatMap(({ sink, events, first, last, reasons }): Row[] => {
    const [only] = reasons
    if (reasons.length === 1 && only) return [{ sink, first, last, ...only }]
    const all = { sink, events, first, last, reason: `${reasons.length} reasons:` }
    return [all, ...reasons.map((reason) => ({ sink: '', first: null, last: null, ...reason }))]
  })
  return renderTable(columns, rows)
}

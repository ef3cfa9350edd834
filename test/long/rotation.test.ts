/**
 * Numbered lines over many rotations, read by the real process: rename, copytruncate and gzip in turn. Each line is in
 * the journal exactly once; where the writer does not pause around copytruncate, every lost range is a gap event, and
 * nothing else is lost. AFFIANT_FULL=1: 600,000 lines over 300 rotations.
 */
import { expect, test, vi } from 'vitest'
import type { OutputEvent } from '../../src/event/audit-event.ts'
import { openJournalForReading } from '../../src/journal/reading.ts'
import { type AgentProcess, configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { full, seed } from '../seed.ts'
import { lineOf, type Names, RotatingWriter, type Rotation } from './rotating-writer.ts'

const lines = full ? 600_000 : 30_000
const rotations = full ? 300 : 15
vi.setConfig({ testTimeout: full ? 600_000 : 60_000 })

/** The line's number; what was read of one that was cut has none. */
function numberOf({ unmapped }: OutputEvent): number | undefined {
  const n = unmapped?.n
  return typeof n === 'number' ? n : undefined
}

interface Gap {
  readonly stream: string
  readonly from: number
  readonly to: number | null
}

async function readJournal(directory: string) {
  const times = new Uint8Array(lines)
  const streams: string[] = []
  const offsets: number[] = []
  const gaps: Gap[] = []
  const journal = await openJournalForReading(directory)
  await using reader = journal.read(journal.firstSeq)
  for (let block = await reader.next(); block !== null; block = await reader.next()) {
    for (const text of block.payload.toString().split('\n')) {
      if (text === '') continue
      const event: OutputEvent = JSON.parse(text)
      const n = numberOf(event)
      if (event.action === 'affiant.stream.gap') {
        const { from, to } = event.metadata as { from: number; to: number | null }
        gaps.push({ stream: event.targets?.[0]?.id ?? '', from, to })
      } else if (n !== undefined) {
        times[n]! += 1
        streams[n] = event.provenance?.stream ?? ''
        offsets[n] = event.provenance?.offset ?? -1
      }
    }
  }
  return { times, streams, offsets, gaps }
}

/** `first–last` of numbers that follow each other: what people can read. */
function ranges(numbers: readonly number[]): string[] {
  const found: [number, number][] = []
  for (const n of numbers) {
    const last = found.at(-1)
    if (last && last[1] === n - 1) last[1] = n
    else found.push([n, n])
  }
  return found.map(([first, last]) => `${first}–${last}`)
}

const records = (agent: AgentProcess) => agent.metric('affiant_receiver_records_total', '{receiver="app"}')

/** Until `least` records are in, and no more come. */
async function settled(agent: AgentProcess, least: number): Promise<void> {
  const deadline = performance.now() + (full ? 240_000 : 40_000)
  for (let last = -1, since = performance.now(); ; ) {
    const now = (await records(agent)) ?? 0
    if (now !== last) since = performance.now()
    last = now
    if (now >= least && performance.now() - since > 1_500) return
    if (performance.now() > deadline) {
      const files = await (await fetch(`http://${agent.telemetry}/files`)).text()
      throw new Error(`seed ${seed}: ${now} of ${least} records arrived; ${files}; ${agent.stderr}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function run(pattern: string, names: Names, late: number, pause: number) {
  using directory = new WorkDirectory()
  const writer = new RotatingWriter(directory.at('app.log'), seed, names)
  const config = configure(directory, {
    receivers: { app: { type: 'file', include: [directory.at(pattern)] } },
  })
  await using agent = startAgent(config)
  await agent.ready()
  const kinds: Rotation[] = ['rename', 'copytruncate', 'gzip']
  let lost = 0
  for (let rotation = 1; rotation <= rotations; rotation += 1) {
    const kind = kinds[rotation % kinds.length]!
    writer.append(Math.floor((lines * rotation) / (rotations + 1)))
    writer.rotate(kind, rotation, kind === 'copytruncate' ? late : 0)
    if (kind === 'copytruncate') lost += late
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  writer.append(lines)
  await settled(agent, lines - lost)
  agent.signal('SIGTERM')
  await agent.ended
  // What a restart would read again, it has read twice.
  await using again = startAgent(config)
  await again.ready()
  await settled(again, 0)
  again.signal('SIGTERM')
  await again.ended
  return { writer, ...(await readJournal(directory.at('data'))) }
}

const variants: { readonly pattern: string; readonly names: Names; readonly pauses: readonly number[] }[] = [
  // Now and then no time to look at all, so that whole generations come and go unseen.
  { pattern: 'app.log', names: 'numbered', pauses: [0, 20] },
  { pattern: 'app.log*', names: 'numbered', pauses: [0, 20] },
  { pattern: 'app.log', names: 'shifted', pauses: [50] },
  { pattern: 'app.log*', names: 'shifted', pauses: [50] },
]

for (const { pattern, names, pauses } of variants) {
  const about = `${pattern}, ${names} names, seed ${seed}`
  for (const pause of pauses) {
    test(`each line exactly once (${about}, ${pause} ms between rotations)`, async () => {
      const { times } = await run(pattern, names, 0, pause)
      const lost = [...times.keys()].filter((n) => times[n] === 0)
      const twice = [...times.keys()].filter((n) => times[n]! > 1)
      expect({ lost: ranges(lost), twice: ranges(twice) }, `seed ${seed}`).toEqual({ lost: [], twice: [] })
    })
  }

  test(`a writer that does not pause: every lost range is reported (${about})`, async () => {
    const { times, streams, offsets, gaps, writer } = await run(pattern, names, 60, pauses.at(-1)!)
    const unreported: number[] = []
    const unexpected: number[] = []
    for (const { first, last, lostFrom } of writer.generations) {
      const known = [...times.keys()].slice(first, last).filter((n) => times[n] === 1)
      const stream = streams[known[0] ?? -1]
      let end = 0
      for (let n = first; n < last; n += 1) {
        if (times[n] === 1) {
          end = offsets[n]! + lineOf(n).length
        } else if (times[n] === 0) {
          if (n < lostFrom) unexpected.push(n)
          const reported = gaps.some(
            (gap) => gap.stream === stream && gap.from <= end && (gap.to === null || gap.to > end),
          )
          if (!reported) unreported.push(n)
        }
      }
    }
    const twice = [...times.keys()].filter((n) => times[n]! > 1)
    const found = { twice: ranges(twice), unexpected: ranges(unexpected), unreported: ranges(unreported) }
    expect(found, `seed ${seed}; ${JSON.stringify(gaps)}`).toEqual({
      twice: [],
      unexpected: [],
      unreported: [],
    })
  })
}

/** `affiant journal verify`: reads every byte and says what is good, what is damaged, and which seqs that costs. */
import { join } from 'node:path'
import { systemCode } from '../errors.ts'
import { readCursors } from '../journal/cursor-file.ts'
import type { KeyRing } from '../journal/key-ring.ts'
import { gapSeqs, knownGaps } from '../journal/known-gaps.ts'
import { nodeFileSystem } from '../journal/node-file-system.ts'
import type { Segment } from '../journal/segment.ts'
import { loadSegments } from '../journal/segment-list.ts'
import { type VerifiedRange, verifySegment } from '../journal/verify.ts'

type Print = (line: string) => void

/** Resolves to the exit code: 0, 65 when something is damaged, 66 without a journal. */
export async function verifyJournal(dataDir: string, keys: KeyRing, out: Print): Promise<number> {
  const directory = join(dataDir, 'journal')
  const list = await loadSegments(nodeFileSystem, directory, keys)
  const { segments, unreadable } = list
  if (segments.length === 0 && unreadable.length === 0) {
    out(`no journal in ${directory}`)
    return 66
  }
  let damaged = 0
  let events = 0
  const cursors = await readCursors(nodeFileSystem, dataDir)
  for (const gap of await knownGaps(nodeFileSystem, directory, list, cursors.cursors)) {
    damaged++
    out(`damaged ${gapSeqs(gap)}: ${gap.why}`)
  }
  for (const segment of segments) {
    const behind = [...segments.map(({ header }) => header), ...unreadable].filter(
      ({ number }) => number > segment.header.number,
    )
    const isLast = segment === segments.at(-1)
    const nextSeq = isLast ? null : Math.min(...behind.map(({ firstSeq }) => firstSeq))
    for await (const range of rangesOf(segment, nextSeq, out)) {
      out(`${segment.name}: ${rangeLine(range)}`)
      if (range.state === 'damaged') damaged++
      else if (range.seqs) events += range.seqs.last - range.seqs.first + 1
    }
  }
  for (const name of cursors.damaged) out(`cursor ${name}: damaged; its sink's events are sent again`)
  damaged += cursors.damaged.length
  out(`${events} events good; ${damaged === 0 ? 'no damage' : `${damaged} damaged`}`)
  return damaged === 0 ? 0 : 65
}

async function* rangesOf(
  segment: Segment,
  nextSeq: number | null,
  out: Print,
): AsyncGenerator<VerifiedRange> {
  let file: Awaited<ReturnType<typeof nodeFileSystem.open>>
  try {
    file = await nodeFileSystem.open(segment.path, 'read')
  } catch (error) {
    // The agent that runs beside this has no more use for it.
    if (systemCode(error) !== 'ENOENT') throw error
    out(`${segment.name}: expired meanwhile`)
    return
  }
  try {
    yield* verifySegment(file, segment, nextSeq)
  } finally {
    await file.close()
  }
}

const seqs = (first: number, last: number): string => (last < first ? '' : `, seq ${first}..${last}`)

const rangeLine = ({ state, what, offset, end, seqs: range }: VerifiedRange): string =>
  `${state} @${offset}..${end} ${what}${range ? seqs(range.first, range.last) : ''}`

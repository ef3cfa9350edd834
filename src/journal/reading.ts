/**
 * Looking at a journal without its lock, beside the agent that writes it or without one. Writes nothing. Sees what was
 * there when it was opened; `provenSeq` is what later blocks prove to have been synced, and what lies between it and
 * `durableSeq` is good on disk as it reads.
 */
import { join } from 'node:path'
import { AffiantError } from '../errors.ts'
import type { CommittedBlock, JournalReader, LiveStream } from './contract.ts'
import { type CursorContent, readCursors } from './cursor-file.ts'
import type { FileSystem } from './fs-port.ts'
import { KeyRing } from './key-ring.ts'
import { type KnownGap, knownGaps } from './known-gaps.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { BlockReader, type FoundDamage } from './reader.ts'
import { readRouteTable } from './route-tables.ts'
import type { Segment } from './segment.ts'
import { loadSegments } from './segment-list.ts'
import { SegmentSet } from './segment-set.ts'
import { type Walk, walkSegment } from './segment-walk.ts'
import { type Moved, readStreamPositions } from './stream-positions.ts'
import { Waiters } from './waiters.ts'

export interface JournalView {
  readonly epoch: number
  readonly origin: string
  readonly firstSeq: number
  /** Events below are whole on disk. */
  readonly durableSeq: number
  readonly provenSeq: number
  readonly cursors: readonly CursorContent[]
  /** Seqs that are gone, as far as it is known without reading. */
  readonly gaps: readonly KnownGap[]
  /** Damage that readers of this view have met. */
  readonly damage: readonly FoundDamage[]
  read(seq: number): JournalReader
  /** See `readStreamPositions`. */
  streams(from: number, moved: Moved): Promise<readonly LiveStream[]>
  /** The route table (canonical JSON) with this hash; null when it isn't kept. */
  routes(hash: string): Promise<string | null>
}

/** @throws AffiantError not_found (no journal there), journal_damaged (nothing of it can be read), journal_format, journal_key */
export async function openJournalForReading(
  dataDir: string,
  { fs = nodeFileSystem, keys = new KeyRing() }: { readonly fs?: FileSystem; readonly keys?: KeyRing } = {},
): Promise<JournalView> {
  const directory = join(dataDir, 'journal')
  const list = await loadSegments(fs, directory, keys)
  const { segments, unreadable } = list
  const last = segments.at(-1)
  if (!last) {
    const [first] = unreadable
    if (!first) throw new AffiantError('not_found', `${dataDir} holds no journal`)
    throw new AffiantError(
      'journal_damaged',
      `${dataDir}: no segment can be read; ${first.name}: ${first.why}`,
      {
        hint: 'affiant journal salvage takes out what can still be had',
      },
    )
  }
  const walk = await lookAtEnd(fs, last)
  last.end = walk.end
  const damage: FoundDamage[] = []
  const source = {
    fs,
    segments: new SegmentSet(segments),
    durableSeq: walk.nextSeq,
    recent: null,
    committed: new Waiters(),
    closed: false,
    damaged: async (found: FoundDamage) => {
      damage.push(found)
    },
  }
  // After the segments: what retention removes, every cursor has passed.
  const { cursors } = await readCursors(fs, dataDir)
  const gaps = await knownGaps(fs, directory, list, cursors)
  return {
    epoch: last.header.epoch,
    origin: last.header.origin,
    firstSeq: source.segments.firstSeq,
    durableSeq: walk.nextSeq,
    provenSeq: walk.proof.seq,
    cursors,
    gaps,
    damage,
    read: (seq) => new BlockReader(source, seq),
    streams: (from, moved) => readStreamPositions(fs, segments, from, moved),
    routes: (hash) => readRouteTable(fs, dataDir, hash),
  }
}

async function lookAtEnd(fs: FileSystem, segment: Segment): Promise<Walk> {
  const file = await fs.open(segment.path, 'read')
  try {
    return await walkSegment(file, segment, () => {})
  } finally {
    await file.close()
  }
}

export interface FoundEvent {
  readonly block: CommittedBlock
  /** Index in the block. */
  readonly index: number
  /** Canonical bytes, without the newline. */
  readonly canonical: Buffer
  /** `raw_data` bytes; empty where none is kept. */
  readonly raw: Buffer
}

/** The event with this seq, or null when the journal doesn't hold it: `whyLost` says whether it is damaged. */
export async function findEvent(view: JournalView, seq: number): Promise<FoundEvent | null> {
  if (seq < view.firstSeq) return null
  await using reader = view.read(seq)
  const block = await reader.next()
  const index = block ? seq - block.firstSeq : -1
  if (!block || index < 0) return null
  let at = 0
  let rawAt = 0
  for (let i = 0; i < index; i++) {
    at += block.lengths[i]! + 1
    rawAt += block.rawLengths[i]!
  }
  return {
    block,
    index,
    canonical: block.payload.subarray(at, at + block.lengths[index]!),
    raw: block.raw.subarray(rawAt, rawAt + block.rawLengths[index]!),
  }
}

/** Why a seq that lies in the journal cannot be read, once a reader has been there; undefined: it never was there. */
export function whyLost({ gaps, damage }: JournalView, seq: number): string | undefined {
  const gap = gaps.find(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= (lastSeq ?? Infinity))
  if (gap) return gap.why
  const met = damage.find(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= lastSeq)
  return met && placeOf(met)
}

/** For people. */
export const placeOf = ({ segment, offset, end }: FoundDamage): string =>
  end > offset ? `damaged, ${segment.name} @${offset}` : `gone behind ${segment.name} @${offset}`

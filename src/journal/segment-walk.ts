/**
 * How far the last segment holds.
 *
 * The highest `durableEnd` that any good header in the file proves divides it. Below, a bad block is damage and the
 * walk goes on. The first bad block at or above ends the journal: what comes after is not looked at, good-looking
 * blocks included, because power loss may keep block k + 1 and lose block k.
 */
import { type BlockKind, blockKinds } from './block.ts'
import type { BlockHeader } from './block-decode.ts'
import { BlockScanner, type Scanned } from './block-scanner.ts'
import type { OpenFile } from './fs-port.ts'
import type { Segment } from './segment.ts'

interface Proof {
  /** File offset below which everything was synced. */
  readonly end: number
  /** Seqs below were durable. */
  readonly seq: number
}

interface Damage {
  readonly offset: number
  readonly end: number
  readonly firstSeq: number
  /** Below `firstSeq` when no event was lost, only positions. */
  readonly lastSeq: number
}

export interface Walk {
  readonly proof: Proof
  /** File offset behind what holds. */
  readonly end: number
  /** First seq that was never given away. */
  readonly nextSeq: number
  readonly damage: readonly Damage[]
  readonly lastKind: BlockKind | null
}

/** Looks at headers only, to the end of the file: proof may come from anywhere. */
async function prove(file: OpenFile, segment: Segment): Promise<Proof> {
  const { header, size } = segment
  let end = header.dataStart
  let seq = header.firstSeq
  const scanner = new BlockScanner(file, segment)
  for (let next = await scanner.next(size, Infinity); next; next = await scanner.next(size, Infinity)) {
    end = Math.max(end, (next.header?.durableEnd ?? 0) - header.base)
    seq = Math.max(seq, next.header?.durableSeq ?? 0)
  }
  return { end, seq }
}

/** `visit` gets the header of every block that holds, in order; of those with a damaged body too. */
export async function walkSegment(
  file: OpenFile,
  segment: Segment,
  visit: (header: BlockHeader, offset: number) => void,
): Promise<Walk> {
  const proof = await prove(file, segment)
  const scanner = new BlockScanner(file, segment)
  const damage: Damage[] = []
  let end = segment.header.dataStart
  let seq = segment.header.firstSeq
  let lastKind: BlockKind | null = null
  /** Damaged bytes whose seqs the next good header will tell. */
  let unplaced: { offset: number; end: number } | null = null
  for (let next = await scanner.next(segment.size); next; next = await scanner.next(segment.size)) {
    if (next.kind === 'damaged' && next.offset >= proof.end) break
    const { header } = next
    end = header ? next.offset + header.length : Math.min(endOf(next), proof.end)
    if (!header) {
      unplaced = { offset: next.offset, end }
      // Bad bytes that reach over the proven end: the journal ends there.
      if (endOf(next) > proof.end) break
      continue
    }
    if (unplaced) damage.push({ ...unplaced, firstSeq: seq, lastSeq: header.firstSeq - 1 })
    unplaced = null
    seq = header.firstSeq + header.count
    if (next.kind === 'damaged') {
      damage.push({ offset: next.offset, end, firstSeq: header.firstSeq, lastSeq: seq - 1 })
    }
    lastKind = header.kind
    visit(header, next.offset)
  }
  const nextSeq = Math.max(seq, proof.seq)
  // What was proven and isn't there, damaged or cut off with the file.
  if (unplaced || nextSeq > seq) {
    damage.push({ ...(unplaced ?? { offset: end, end }), firstSeq: seq, lastSeq: nextSeq - 1 })
  }
  return { proof, end, nextSeq, damage, lastKind: unplaced ? null : lastKind }
}

const endOf = (scanned: Scanned): number =>
  scanned.kind === 'damaged' ? scanned.end : scanned.offset + scanned.header.length

/** Whether the segment was closed in good order. */
export const isSealed = (walk: Walk): boolean => walk.lastKind === blockKinds.seal

/** What a restart finds, what of it holds (see segment-walk.ts), and making it hold before anyone reads it. */
import type { DamagedSeqs } from './contract.ts'
import { setAside } from './damage.ts'
import type { FileSystem, OpenFile } from './fs-port.ts'
import { goneBetween } from './gone-seqs.ts'
import type { KeyRing } from './key-ring.ts'
import type { LiveStreams } from './live-streams.ts'
import { reasonOf } from './pressure.ts'
import type { Segment } from './segment.ts'
import { loadSegments } from './segment-list.ts'
import { isSealed, type Walk, walkSegment } from './segment-walk.ts'
import { recoverStreams, updateOf } from './stream-recovery.ts'
import { setUnreadableAside } from './unreadable-segments.ts'

export interface Recovered {
  /** Null: nothing was there. */
  readonly epoch: number | null
  /** Oldest first. */
  readonly segments: Segment[]
  /** First seq that was never given away. */
  readonly nextSeq: number
  readonly nextNumber: number
  /** Journal offset behind all that holds. */
  readonly end: number
  readonly streams: LiveStreams
  readonly tornBytes: number
  readonly damaged: readonly DamagedSeqs[]
  readonly clean: boolean
}

/**
 * Doing it again finds the same, at whatever moment the power goes.
 * @throws AffiantError journal_format, journal_key
 */
export async function recover(fs: FileSystem, directory: string, keys: KeyRing): Promise<Recovered> {
  const list = await loadSegments(fs, directory, keys)
  const lost = await setUnreadableAside(fs, directory, list)
  const gone = await goneBetween(fs, list.segments)
  const streams = await recoverStreams(fs, list.segments)
  const common = {
    epoch: list.epoch,
    segments: list.segments,
    nextNumber: Math.max(list.highestNumber, lost.highestNumber) + 1,
    streams,
  }
  const last = list.segments.at(-1)
  if (!last)
    return { ...common, nextSeq: lost.nextSeq, end: 0, tornBytes: 0, damaged: lost.ranges, clean: true }
  const file = await fs.open(last.path, 'write')
  try {
    const walk = await walkSegment(file, last, (header) => streams.apply(updateOf(header)))
    const kept = await keepDamage(fs, directory, file, last, walk)
    await makeDurable(file, walk)
    const tornBytes = await usedBytes(file, walk.end, last.size)
    last.end = walk.end
    return {
      ...common,
      nextSeq: Math.max(walk.nextSeq, lost.nextSeq),
      end: last.header.base + walk.end,
      tornBytes,
      damaged: [...lost.ranges, ...gone, ...kept],
      clean: isSealed(walk) && tornBytes === 0,
    }
  } finally {
    await file.close()
  }
}

async function keepDamage(
  fs: FileSystem,
  directory: string,
  file: OpenFile,
  segment: Segment,
  walk: Walk,
): Promise<DamagedSeqs[]> {
  const ranges: DamagedSeqs[] = []
  for (const { offset, end, firstSeq, lastSeq } of walk.damage) {
    if (end === offset) {
      if (lastSeq >= firstSeq) ranges.push({ firstSeq, lastSeq, file: segment.path, gone: true })
      continue
    }
    // On a full disk they stay where they are, for as long as the segment does.
    const path = await setAside(fs, directory, segment.name, file, offset, end).catch(
      unlessFull(segment.path),
    )
    if (lastSeq >= firstSeq) ranges.push({ firstSeq, lastSeq, file: path })
  }
  return ranges
}

const unlessFull =
  (path: string) =>
  (error: unknown): string => {
    if (reasonOf(error) !== 'disk_full') throw error
    return path
  }

/**
 * Writes what holds above the proven end once more, byte for byte, and syncs: after a sync that failed in an earlier
 * life, pages can read well from memory and never have reached the disk.
 */
async function makeDurable(file: OpenFile, { proof, end }: Walk): Promise<void> {
  const buffer = Buffer.alloc(Math.min(1024 * 1024, Math.max(0, end - proof.end)))
  for (let at = proof.end; at < end; at += buffer.byteLength) {
    const filled = await file.read(buffer.subarray(0, Math.min(buffer.byteLength, end - at)), at)
    await file.write([buffer.subarray(0, filled)], at)
  }
  await file.sync()
}

/** Bytes from `start` to the last one that isn't zero. */
async function usedBytes(file: OpenFile, start: number, size: number): Promise<number> {
  const buffer = Buffer.alloc(Math.min(1024 * 1024, Math.max(0, size - start)))
  const zeros = Buffer.alloc(buffer.byteLength)
  let used = 0
  for (let at = start; at < size; at += buffer.byteLength) {
    const filled = await file.read(buffer.subarray(0, Math.min(buffer.byteLength, size - at)), at)
    if (buffer.subarray(0, filled).equals(zeros.subarray(0, filled))) continue
    let last = filled
    while (buffer[last - 1] === 0) last--
    used = at + last - start
  }
  return used
}

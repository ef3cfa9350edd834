/** What a restart finds, what of it holds (see segment-walk.ts), and making it hold before anyone reads it. */
import { join } from 'node:path'
import { setAside } from './damage.ts'
import type { FileSystem, OpenFile } from './fs-port.ts'
import type { KeyRing } from './key-ring.ts'
import type { LiveStreams } from './live-streams.ts'
import type { Segment } from './segment.ts'
import { loadSegments, type SegmentList } from './segment-list.ts'
import { isSealed, type Walk, walkSegment } from './segment-walk.ts'
import { recoverStreams, updateOf } from './stream-recovery.ts'

export interface DamagedRange {
  readonly firstSeq: number
  readonly lastSeq: number
  /** Where the damaged bytes were copied to. */
  readonly file: string
}

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
  readonly damaged: readonly DamagedRange[]
  readonly clean: boolean
}

/**
 * Doing it again finds the same, at whatever moment the power goes.
 * @throws AffiantError journal_format, journal_key
 */
export async function recover(fs: FileSystem, directory: string, keys: KeyRing): Promise<Recovered> {
  const list = await loadSegments(fs, directory, keys)
  const lost = await setUnreadableAside(fs, directory, list)
  const streams = await recoverStreams(fs, list.segments)
  const common = { epoch: list.epoch, segments: list.segments, nextNumber: list.highestNumber + 1, streams }
  const last = list.segments.at(-1)
  if (!last)
    return { ...common, nextSeq: lost.nextSeq, end: 0, tornBytes: 0, damaged: lost.ranges, clean: true }
  const file = await fs.open(last.path, 'write')
  try {
    const walk = await walkSegment(file, last, (header) => streams.apply(updateOf(header)))
    const damaged = [...lost.ranges, ...(await keepDamage(fs, directory, file, last, walk))]
    await makeDurable(file, walk)
    const tornBytes = await usedBytes(file, walk.end, last.size)
    last.end = walk.end
    return {
      ...common,
      nextSeq: Math.max(walk.nextSeq, lost.nextSeq),
      end: last.header.base + walk.end,
      tornBytes,
      damaged,
      clean: isSealed(walk) && tornBytes === 0,
    }
  } finally {
    await file.close()
  }
}

/** Nothing in a file without any header can be placed. Its seqs stay given away. */
async function setUnreadableAside(
  fs: FileSystem,
  directory: string,
  { unreadable }: SegmentList,
): Promise<{ ranges: DamagedRange[]; nextSeq: number }> {
  const ranges: DamagedRange[] = []
  let highest = 0
  for (const { name, firstSeq, nextSeq } of unreadable) {
    const path = join(directory, name)
    const file = await fs.open(path, 'read')
    try {
      const copy = await setAside(fs, directory, name, file, 0, await file.size())
      const next = nextSeq ?? (await copy.highestNextSeq(firstSeq))
      if (next > firstSeq) ranges.push({ firstSeq, lastSeq: next - 1, file: copy.path })
      highest = Math.max(highest, next)
    } finally {
      await file.close()
    }
    await fs.remove(path)
  }
  return { ranges, nextSeq: highest }
}

async function keepDamage(
  fs: FileSystem,
  directory: string,
  file: OpenFile,
  segment: Segment,
  walk: Walk,
): Promise<DamagedRange[]> {
  const ranges: DamagedRange[] = []
  for (const { offset, end, firstSeq, lastSeq } of walk.damage) {
    const { path } = await setAside(fs, directory, segment.name, file, offset, end)
    if (lastSeq >= firstSeq) ranges.push({ firstSeq, lastSeq, file: path })
  }
  return ranges
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

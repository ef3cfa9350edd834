/** Live streams after a restart: the last good snapshot, and every block behind it. */
import type { StreamUpdate } from '../event/batch.ts'
import type { BlockHeader } from './block-decode.ts'
import { BlockScanner } from './block-scanner.ts'
import type { FileSystem } from './fs-port.ts'
import { LiveStreams } from './live-streams.ts'
import { readSnapshot, type Segment } from './segment.ts'

export function updateOf({ stream, descriptor, position }: BlockHeader): StreamUpdate {
  return { stream, ...(descriptor ? { descriptor } : {}), ...(position ? { position } : {}) }
}

/** As of the start of the last of `segments`. An older snapshot and the blocks behind it stand in for a damaged one. */
export async function recoverStreams(fs: FileSystem, segments: readonly Segment[]): Promise<LiveStreams> {
  let from = segments.length - 1
  for (; from >= 0; from--) {
    const streams = await snapshotOf(fs, segments[from]!)
    if (!streams) continue
    for (const segment of segments.slice(from, -1)) await replay(fs, segment, streams)
    return streams
  }
  const streams = new LiveStreams()
  for (const segment of segments.slice(0, -1)) await replay(fs, segment, streams)
  return streams
}

async function snapshotOf(fs: FileSystem, segment: Segment): Promise<LiveStreams | null> {
  const file = await fs.open(segment.path, 'read')
  try {
    return await readSnapshot(file, segment)
  } finally {
    await file.close()
  }
}

async function replay(fs: FileSystem, segment: Segment, streams: LiveStreams): Promise<void> {
  const file = await fs.open(segment.path, 'read')
  try {
    const scanner = new BlockScanner(file, segment)
    const next = () => scanner.next(segment.end, Infinity)
    for (let scanned = await next(); scanned; scanned = await next()) {
      if (scanned.header) streams.apply(updateOf(scanned.header))
    }
  } finally {
    await file.close()
  }
}

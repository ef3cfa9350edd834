/** How far each file is read and settled as the data directory has it, for when no agent is there to ask. */
import { stat } from 'node:fs/promises'
import type { LiveStream } from '../journal/contract.ts'
import type { JournalView } from '../journal/reading.ts'
import { decodeDescriptor } from '../receivers/file/identity/descriptor.ts'
import type { FileState } from '../receivers/receiver.ts'
import { type FileAtSink, type FileBooks, lagOf } from './file-books.ts'
import { StreamMarks } from './ledger-marks.ts'

/**
 * By path. What is not known without an agent: counts, what was read and not committed, and which sinks a file's
 * events go to, so that a file counts as settled only where every sink is past its events.
 */
export async function filesOnDisk(
  view: Pick<JournalView, 'cursors' | 'streams' | 'epoch'>,
): Promise<FileBooks[]> {
  const cursors = view.cursors.filter(({ epoch }) => epoch === view.epoch)
  const lowest = Math.min(...cursors.map(({ settled }) => settled))
  const marks = new Map<string, StreamMarks>()
  const streams = await view.streams(Number.isFinite(lowest) ? lowest : 0, (stream, seq, offset) => {
    let known = marks.get(stream)
    if (known === undefined) {
      known = new StreamMarks()
      marks.set(stream, known)
    }
    known.add(seq, offset, () => lowest)
  })
  const files: FileBooks[] = []
  for (const live of streams) {
    const known = marks.get(live.stream)
    const settled = new Map(
      cursors.map(({ name, settled: seq }) => [
        name,
        // Opened behind the cursor: nothing of it is settled.
        known === undefined || known.end <= seq ? live.position.offset : (known.at(seq) ?? 0),
      ]),
    )
    const file = await fileOf(live, settled)
    if (file) files.push(file)
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

async function fileOf(
  { stream, descriptor: bytes, position }: LiveStream,
  bySink: ReadonlyMap<string, number>,
): Promise<FileBooks | null> {
  const descriptor = decodeDescriptor(bytes)
  if (descriptor === undefined) return null
  const path = descriptor.moved ?? descriptor.path
  const stats = await stat(path, { bigint: true }).catch(() => null)
  // The device's number may have changed since, the inode does not.
  const isThere = stats !== null && String(stats.ino) === descriptor.inode
  const size = isThere ? Number(stats.size) : null
  const here = isThere && descriptor.moved === undefined ? 'followed' : 'rotated'
  const state: FileState = descriptor.finished === undefined ? here : 'finished'
  const { offset } = position
  const settled = Math.min(offset, ...bySink.values())
  const sinks: Record<string, FileAtSink> = {}
  for (const [name, at] of bySink) sinks[name] = { settled: at, routed: 0, accepted: 0, dead_letters: 0 }
  return {
    receiver: descriptor.receiver,
    path,
    stream,
    state,
    size,
    read: offset,
    committed: offset,
    settled,
    lag: lagOf(size, settled),
    counts: null,
    sinks,
  }
}

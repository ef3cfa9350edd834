import { expect, test } from 'vitest'
import type { HeldMemory } from '../../src/held-memory.ts'
import { BlockMemories } from '../../src/journal/block-memory.ts'
import type { CommittedBlock, JournalReader } from '../../src/journal/contract.ts'
import type { FileSystem, OpenFile } from '../../src/journal/fs-port.ts'
import { KeyRing } from '../../src/journal/key-ring.ts'
import { nodeFileSystem } from '../../src/journal/node-file-system.ts'
import { loadSegments } from '../../src/journal/segment-list.ts'
import { type OpenedBlock, SharedBlocks } from '../../src/journal/shared-blocks.ts'
import { blockOf } from '../delivery/memory-journal.ts'
import { randomFrom, seed } from '../seed.ts'
import { batchOf, open, smallConfig, stream, temporaryDirectory } from './journal-directory.ts'

const bytes = 32 * 1024
const textOf = (seq: number): string => `${seq}:`.padEnd(bytes, String.fromCharCode(97 + (seq % 26)))

/** Counts the bytes that are read. */
function counting(): { readonly fs: FileSystem; read: number } {
  const counter = {
    read: 0,
    fs: {
      ...nodeFileSystem,
      async open(path: string, mode: Parameters<FileSystem['open']>[1]): Promise<OpenFile> {
        const file = await nodeFileSystem.open(path, mode)
        return {
          write: (parts, position) => file.write(parts, position),
          sync: () => file.sync(),
          truncate: (length) => file.truncate(length),
          size: () => file.size(),
          close: () => file.close(),
          async read(buffer, position) {
            const filled = await file.read(buffer, position)
            counter.read += filled
            return filled
          },
        }
      },
    },
  }
  return counter
}

/** A journal on disk alone, with `count` blocks of one large event each. */
async function filled(path: string, count: number, fs: FileSystem) {
  const config = smallConfig({ max_size: '64MiB', segment_size: '1MiB' })
  const journal = await open(path, { config, fs, cacheBytes: 0 })
  for (let seq = 0; seq < count; seq++) await journal.append(batchOf([textOf(seq)]), { stream: stream(1) })
  return journal
}

const contentOf = ({ payload, firstSeq }: CommittedBlock) =>
  payload.toString() === `${textOf(firstSeq)}\n` ? firstSeq : `damaged: ${firstSeq}`

async function next(reader: JournalReader) {
  reader.release()
  const block = await reader.next()
  return block && contentOf(block)
}

test('readers beside each other open each block once', async () => {
  await using directory = await temporaryDirectory()
  const counter = counting()
  const count = 100
  await using journal = await filled(directory.path, count, counter.fs)
  counter.read = 0
  await using alone = journal.read(0)
  for (let seq = 0; seq < count; seq++) expect(await next(alone)).toBe(seq)
  const once = counter.read
  expect(once).toBeGreaterThan(count * bytes)
  await alone[Symbol.asyncDispose]()

  counter.read = 0
  const readers = [0, 0, 0, 0].map((seq) => journal.read(seq))
  for (let seq = 0; seq < count; seq++) {
    expect(await Promise.all(readers.map(next))).toEqual([seq, seq, seq, seq])
  }
  for (const reader of readers) await reader[Symbol.asyncDispose]()
  // Each has its own file open, and reads one window for each segment that it comes to first.
  expect(counter.read).toBeLessThan(1.5 * once)
})

test('a reader that stands still holds up nobody, and then reads for itself', async () => {
  await using directory = await temporaryDirectory()
  const counter = counting()
  const count = 600
  await using journal = await filled(directory.path, count, counter.fs)
  await using slow = journal.read(0)
  await using fast = journal.read(0)
  for (let seq = 0; seq < count; seq++) expect(await next(fast)).toBe(seq)
  // 8 MiB are kept at most, so the beginning is gone.
  counter.read = 0
  for (let seq = 0; seq < count; seq++) expect(await next(slow)).toBe(seq)
  expect(counter.read).toBeGreaterThan(8 * 1024 ** 2)
})

test(`nobody sees memory that was written again, whatever the pace of readers (seed ${seed})`, async () => {
  const random = randomFrom(seed)
  await using directory = await temporaryDirectory()
  const count = 300
  await using journal = await filled(directory.path, count, nodeFileSystem)
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve))
  const read = async (start: number) => {
    await using reader = journal.read(start)
    const seen: (number | string)[] = []
    for (let block = await reader.next(); block; block = await reader.next()) {
      for (let turns = Math.floor(random() * 4); turns > 0; turns--) await pause()
      seen.push(contentOf(block))
      // Who forgets to release, keeps.
      if (random() < 0.9) reader.release()
    }
    return seen
  }
  const starts = [0, 0, 0, 7, 50, 0]
  const all = await Promise.all(starts.map(read))
  for (const [index, start] of starts.entries()) {
    expect(all[index]).toEqual(Array.from({ length: count - start }, (_, at) => start + at))
  }
})

test('a reader that cannot read leaves the others to try for themselves', async () => {
  await using directory = await temporaryDirectory()
  let fails = 0
  const fs: FileSystem = {
    ...nodeFileSystem,
    async open(path, mode) {
      if (mode === 'read' && fails-- > 0) throw Object.assign(new Error('too many'), { code: 'EMFILE' })
      return nodeFileSystem.open(path, mode)
    },
  }
  await using journal = await filled(directory.path, 5, fs)
  fails = 1
  const readers = [journal.read(0), journal.read(0)]
  const [first, second] = await Promise.allSettled(readers.map((reader) => reader.next()))
  expect(first?.status).toBe('rejected')
  expect(second).toMatchObject({ status: 'fulfilled', value: { firstSeq: 0 } })
  expect(await next(readers[0]!)).toBe(0)
  for (const reader of readers) await reader[Symbol.asyncDispose]()
})

/** Makes blocks of a segment that is there. */
async function opener() {
  await using directory = await temporaryDirectory()
  await using _ = await filled(directory.path, 1, nodeFileSystem)
  const { segments } = await loadSegments(nodeFileSystem, `${directory.path}/journal`, new KeyRing())
  return (seq: number, memory?: HeldMemory): OpenedBlock => ({
    block: blockOf(seq, [{ canonical: 'x'.repeat(1000) }]),
    segment: segments.at(-1)!,
    end: 0,
    memory,
  })
}

test('what all have come by is let go of, and its memory is used again', async () => {
  const opened = await opener()
  const memories = new BlockMemories()
  const shared = new SharedBlocks(1024 ** 2)
  const readers = [{ position: 1 }, { position: 0 }, { position: 0 }]
  for (const reader of readers) shared.join(reader)
  const memory = memories.take(128 * 1024)
  const share = memory.hold()
  shared.add(opened(0, memory), readers[0]!)
  share.release()
  expect(memories.take(128 * 1024).bytes.buffer).not.toBe(memory.bytes.buffer)
  const taken = [shared.take(0), shared.take(0)]
  expect(shared.take(0)).toBeUndefined()
  for (const each of taken) each?.share?.release()
  expect(memories.take(128 * 1024).bytes.buffer).toBe(memory.bytes.buffer)
})

test('keeps so many bytes and no more, of what somebody is still to come by', async () => {
  const opened = await opener()
  const shared = new SharedBlocks(20_000)
  const [ahead, behind] = [{ position: 0 }, { position: 0 }]
  shared.join(ahead)
  shared.add(opened(0), ahead)
  expect(shared.take(0)).toBeUndefined()
  shared.join(behind)
  for (let seq = 0; seq < 100; seq++) {
    ahead.position = seq + 1
    shared.add(opened(seq), ahead)
  }
  const kept = Array.from({ length: 100 }, (_, seq) => seq).filter((seq) => shared.take(seq))
  expect(kept).toEqual([91, 92, 93, 94, 95, 96, 97, 98, 99])
  // Nobody needs what the slow one finds.
  shared.add(opened(5), behind)
  expect(shared.take(5)).toBeUndefined()
})

/**
 * The power goes before any one operation of a journal that is written to in groups, and the disk keeps any subset of the
 * pages that were not synced: what was acknowledged is there, in order, and no batch is half there. In half of the cases
 * the power goes once more while the journal recovers.
 */
import { expect, test } from 'vitest'
import type { Journal } from '../../src/journal/contract.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream } from '../journal/journal-directory.ts'
import { full, randomFrom, seed } from '../seed.ts'
import { keepResult } from './results.ts'

/** Subsets tried for each operation. */
const subsets = full ? 60 : 4

const streams = [1, 2, 3]
const random = randomFrom(seed)

const openOn = (disk: CrashFileSystem): Promise<Journal> =>
  open('/data', {
    fs: disk,
    config: smallConfig({ segment_size: '64KiB', max_size: '1GiB' }),
    lock: async () => ({ release: () => {} }),
  })

/** Text of a line: its stream, its number, and the batch it belongs to. */
const text = (id: number, n: number, from: number, count: number, width: number) =>
  `${id}:${n}:${from}:${count}:${'x'.repeat(width)}`

/** Three waves of batches that are committed together; the texts that were acknowledged. */
async function write(journal: Journal, acknowledged: Set<string>): Promise<void> {
  const next = new Map(streams.map((id) => [id, 0]))
  for (const id of streams) {
    const opened = {
      stream: stream(id),
      descriptor: Buffer.from(`${id}`),
      position: { offset: 0, ranges: [] },
    }
    await journal.append(batchOf([]), opened).catch(() => {})
  }
  for (let wave = 0; wave < 3; wave++) {
    const appends: Promise<void>[] = []
    for (let index = 0; index < 6; index++) {
      const id = streams[index % streams.length]!
      const [from, count, width] = [next.get(id)!, 1 + (index % 4), [1, 900, 5000][wave]!]
      next.set(id, from + count)
      const texts = Array.from({ length: count }, (_, n) => text(id, from + n, from, count, width))
      const position = { offset: from + count, ranges: [] }
      appends.push(
        journal.append(batchOf(texts), { stream: stream(id), position }).then(() => {
          for (const each of texts) acknowledged.add(each)
        }),
      )
    }
    await Promise.allSettled(appends)
  }
}

async function check(journal: Journal, acknowledged: ReadonlySet<string>): Promise<void> {
  await using reader = journal.read(0)
  const events = await drain(reader)
  expect(events.map(([seq]) => seq)).toEqual(events.map((_, n) => n))
  const found = new Set(events.map(([, each]) => each))
  expect(found.size, 'a line is there twice').toBe(events.length)
  expect([...acknowledged].filter((each) => !found.has(each))).toEqual([])
  const positions = new Map(journal.liveStreams().map((live) => [live.stream, live.position.offset]))
  for (const id of streams) {
    const mine = events.map(([, each]) => each.split(':').map(Number)).filter(([each]) => each === id)
    expect(mine.map(([, n]) => n)).toEqual(mine.map((_, n) => n))
    expect(positions.get(stream(id)) ?? 0).toBe(mine.length)
    for (const [, , from, count] of mine) expect(mine.length).toBeGreaterThanOrEqual(from! + count!)
  }
}

/** Disposes of what the power left of a journal, and gives the power back. */
async function afterCut(disk: CrashFileSystem, journal: Journal | null): Promise<void> {
  disk.powerFor = 0
  await journal?.[Symbol.asyncDispose]()
  disk.restart(() => random() < 0.5)
}

async function cutAt(operation: number): Promise<number> {
  const disk = new CrashFileSystem()
  const acknowledged = new Set<string>()
  disk.powerFor = operation
  const journal = await openOn(disk).catch(() => null)
  if (journal) await write(journal, acknowledged)
  await afterCut(disk, journal)
  let cuts = 1
  if (random() < 0.5) {
    disk.powerFor = 1 + Math.floor(random() * 30)
    await afterCut(disk, await openOn(disk).catch(() => null))
    cuts++
  }
  const again = await openOn(disk)
  await check(again, acknowledged)
  await again[Symbol.asyncDispose]()
  return cuts
}

test(`power cuts before every operation, any subset of unsynced pages kept (seed ${seed})`, async () => {
  const disk = new CrashFileSystem()
  const plenty = 1_000_000
  disk.powerFor = plenty
  const journal = await openOn(disk)
  const acknowledged = new Set<string>()
  await write(journal, acknowledged)
  const operations = plenty - disk.powerFor
  expect(acknowledged.size).toBe(39)
  await journal[Symbol.asyncDispose]()
  let cuts = 0
  for (let operation = 0; operation < operations; operation++) {
    for (let subset = 0; subset < subsets; subset++) cuts += await cutAt(operation)
  }
  keepResult('power-cuts', { full, seed, operations, cuts, lost: 0, twice: 0 })
})

/** Batches of a stream are appended without waiting for each other's commits, and still none overtakes another. */
import { expect, test } from 'vitest'
import { StreamQueue } from '../../src/agent/stream-queue.ts'
import type { Clock } from '../../src/clock.ts'
import { systemClock } from '../../src/clock.ts'
import type { EncodedBatch } from '../../src/event/batch.ts'
import type { Journal } from '../../src/journal/contract.ts'
import { oneRoute } from '../agent/one-route.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream } from '../journal/journal-directory.ts'

const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 2), signal) }
const inMemory = (fs: CrashFileSystem, config = smallConfig({ commit: { max_bytes: '4KiB' } })) =>
  open('/data', {
    fs,
    lock: async () => ({ release: () => {} }),
    clock: hurried,
    config,
  })
const signal = AbortSignal.timeout(20_000)
const never = new AbortController().signal
const routes = oneRoute()

async function texts(journal: Journal): Promise<string[]> {
  await using reader = journal.read(0)
  return (await drain(reader)).map(([, text]) => text)
}

test('a disk that fails again and again: every stream is in the journal once and in order', async () => {
  const fs = new CrashFileSystem()
  await using journal = await inMemory(fs)
  let operations = 0
  let refused = 0
  // Three of four syncs and openings fail for a while, so that groups are refused in part and in whole.
  fs.fails = (operation, path) => {
    if (operation !== 'sync' || !path.includes('/journal/') || operations++ % 4 === 3 || operations > 300)
      return null
    refused++
    return Object.assign(new Error('EIO: simulated'), { code: 'EIO' })
  }
  const streams = [1, 2, 3]
  const expected: string[] = []
  const commits = streams.flatMap((each) => {
    const queue = new StreamQueue(journal, () => {})
    return Array.from({ length: 60 }, (_, n) => {
      const text = `${each}:${n} ${'x'.repeat((n * 37) % 400)}`
      expected.push(text)
      // Normalisers finish in any order.
      const batch = routes.batch(() => systemClock.sleep((n * 7) % 5).then(() => batchOf([text])))
      return queue.add({ batch, update: { stream: stream(each) }, signal, reserve: false })
    })
  })
  const seqs = await Promise.all(commits)
  expect(refused).toBeGreaterThan(10)
  const found = await texts(journal)
  expect(found.toSorted()).toEqual(expected.toSorted())
  for (const each of streams) {
    const prefix = `${each}:`
    const of = (all: readonly string[]) => all.filter((text) => text.startsWith(prefix))
    expect(of(found)).toEqual(of(expected))
  }
  expect(seqs.map(({ firstSeq }) => found[firstSeq])).toEqual(expected)
})

test('the next batch is appended while the one before it is being committed', async () => {
  await using journal = await inMemory(new CrashFileSystem())
  const before = journal.stats().commits
  const queue = new StreamQueue(journal, () => {})
  const add = (text: string) =>
    queue.add({
      batch: routes.batch(() => batchOf([text])),
      update: { stream: stream(1) },
      signal,
      reserve: false,
    })
  await Promise.all(Array.from({ length: 50 }, (_, n) => add(String(n))))
  expect(journal.stats().commits - before).toBeLessThan(25)
})

test('a refused batch keeps the later ones of its order out, even when there is room again', async () => {
  const config = smallConfig({ max_size: '1MiB', keep: '0ms' })
  await using journal = await inMemory(new CrashFileSystem(), config)
  const cursor = await journal.cursor('slow', { start: 'earliest', required: true })
  const order = { broken: false }
  const append = (text: string, its = order) =>
    journal.append(batchOf([text]), { stream: stream(1) }, { order: its })
  let taken = 0
  while (!order.broken) await append(`${taken++} ${'x'.repeat(20_000)}`).catch(() => {})
  cursor.settle(journal.durableSeq)
  await journal.waitForRoom(signal)
  await expect(append('overtakes')).rejects.toThrow('a batch before this one was refused')
  await append('first of the next order', { broken: false })
  expect(taken).toBeGreaterThan(10)
})

test('what comes behind a batch that fails for good fails with it; what came before is kept', async () => {
  await using journal = await inMemory(new CrashFileSystem())
  let emptied = 0
  const queue = new StreamQueue(journal, () => emptied++)
  const add = (batch: Promise<EncodedBatch>) =>
    queue.add({
      batch: routes.batch(() => batch),
      update: { stream: stream(1) },
      signal: never,
      reserve: false,
    })
  const results = await Promise.allSettled([
    add(Promise.resolve(batchOf(['first']))),
    add(Promise.reject(new Error('a defect'))),
    add(Promise.resolve(batchOf(['behind']))),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect(await texts(journal)).toEqual(['first'])
  expect(emptied).toBeGreaterThan(0)
  await add(Promise.resolve(batchOf(['again'])))
  expect(await texts(journal)).toEqual(['first', 'again'])
})

/** Guarantee: a journal that runs becomes what other settings say, and loses nothing that they do not let go of. */
import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { Journal } from '../../src/journal/contract.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream, until } from '../journal/journal-directory.ts'

const mebibyte = 1024 ** 2
const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal) }
const started = (fs: CrashFileSystem, settings: Record<string, unknown>) => {
  const lock = async () => ({ release: () => {} })
  return open('/data', { fs, lock, clock: hurried, config: smallConfig(settings) })
}
const text = (n: number) => `${n} ${'x'.repeat(20_000)}`
const append = (journal: Journal, n: number) => journal.append(batchOf([text(n)]), { stream: stream(1) })

/** Until it is refused; how many were taken. */
async function fill(journal: Journal): Promise<number> {
  for (let n = 0; n < 1000; n++) {
    const full = await append(journal, n).then(
      () => false,
      () => true,
    )
    if (full) return n
  }
  throw new Error('never full')
}

async function numbers(journal: Journal): Promise<number[]> {
  await using reader = journal.read(journal.stats().firstSeq)
  return (await drain(reader)).map(([, each]) => Number(each.split(' ', 1)[0]))
}

test('a full journal goes on under a larger max_size, with all it had', async () => {
  await using journal = await started(new CrashFileSystem(), { max_size: '1MiB' })
  await journal.cursor('slow', { start: 'earliest', required: true })
  const taken = await fill(journal)
  const room = journal.waitForRoom(AbortSignal.timeout(10_000))
  await journal.useSettings(smallConfig({ max_size: '4MiB' }))
  await room
  expect([journal.pressure, journal.stats().maxBytes]).toEqual([null, 4 * mebibyte])
  await append(journal, taken)
  expect(await numbers(journal)).toEqual(Array.from({ length: taken + 1 }, (_, n) => n))
})

test('one that is still too small says its new figure', async () => {
  await using journal = await started(new CrashFileSystem(), { max_size: '2MiB' })
  await journal.cursor('slow', { start: 'earliest', required: true })
  await fill(journal)
  await journal.useSettings(smallConfig({ max_size: '1MiB' }))
  expect(journal.pressure?.message).toContain('max_size 1.0 MiB')
})

test('under a smaller max_size what is settled goes at once, and what is not stays', async () => {
  await using journal = await started(new CrashFileSystem(), { max_size: '8MiB' })
  const cursor = await journal.cursor('sink', { start: 'earliest', required: true })
  for (let n = 0; n < 200; n++) await append(journal, n)
  cursor.settle(120)
  await journal.useSettings(smallConfig({ max_size: '2MiB' }))
  const { firstSeq } = journal.stats()
  expect(firstSeq).toBeGreaterThan(100)
  expect(firstSeq).toBeLessThanOrEqual(120)
  expect(await numbers(journal)).toEqual(Array.from({ length: 200 - firstSeq }, (_, n) => firstSeq + n))
  await expect(fill(journal)).resolves.toBeLessThan(5)
  expect(journal.pressure).toMatchObject({ reason: 'full' })
})

test('keep and min_free hold from then on', async () => {
  const fs = new CrashFileSystem()
  await using journal = await started(fs, { max_size: '64MiB', keep: '1h' })
  const cursor = await journal.cursor('sink', { start: 'earliest', required: true })
  for (let n = 0; n < 50; n++) await append(journal, n)
  cursor.settle(journal.durableSeq)
  await journal.useSettings(smallConfig({ max_size: '64MiB', keep: '0ms' }))
  await until(() => journal.stats().firstSeq > 40)
  fs.taken += (await fs.freeBytes()) - 19 * mebibyte
  await journal.useSettings(smallConfig({ max_size: '64MiB', min_free: '20MiB' }))
  await until(() => journal.pressure !== null)
  expect(journal.pressure?.message).toContain('journal.min_free is 20.0 MiB')
  await journal.useSettings(smallConfig({ max_size: '64MiB' }))
  await journal.waitForRoom(AbortSignal.timeout(10_000))
  await append(journal, 50)
})

test('what is compressed and what is not is read back in order', async () => {
  await using journal = await started(new CrashFileSystem(), { max_size: '64MiB' })
  for (let n = 0; n < 20; n++) await append(journal, n)
  const plain = journal.stats().bytes
  await journal.useSettings(smallConfig({ max_size: '64MiB', compression: 'zstd' }))
  for (let n = 20; n < 200; n++) await append(journal, n)
  expect(journal.stats().bytes).toBeLessThan(3 * plain)
  expect(await numbers(journal)).toEqual(Array.from({ length: 200 }, (_, n) => n))
})

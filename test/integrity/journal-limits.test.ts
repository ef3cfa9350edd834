/** The journal's limits besides its size: what must stay free on the disk, and how old events may get. */
import { describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { JournalOptions } from '../../src/journal/open.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream, until } from '../journal/journal-directory.ts'

const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal) }
const inMemory = (fs: CrashFileSystem, options: Partial<JournalOptions> = {}) =>
  open('/data', { fs, lock: async () => ({ release: () => {} }), clock: hurried, ...options })

const mebibyte = 1024 ** 2
const text = (n: number) => `${n} ${'x'.repeat(20_000)}`

/** Others take so much of the disk that `bytes` are left. */
async function leave(fs: CrashFileSystem, bytes: number): Promise<void> {
  fs.taken += (await fs.freeBytes()) - bytes
}

describe('min_free', () => {
  const config = smallConfig({ max_size: '64MiB', segment_size: '1MiB', min_free: '20MiB' })

  test('below it the journal is full, says why, keeps room for own events, and goes on when there is space', async () => {
    const fs = new CrashFileSystem()
    await using journal = await inMemory(fs, { config })
    await journal.cursor('slow', { start: 'earliest', required: true })
    await journal.append(batchOf(['before']), { stream: stream(1) })
    await leave(fs, 19 * mebibyte)
    await until(() => journal.pressure !== null)
    expect(journal.pressure).toMatchObject({
      reason: 'full',
      message: expect.stringMatching(
        /\b19\.\d MiB are free on the disk .*journal\.min_free is 20\.0 MiB.*sink slow/,
      ),
    })
    await expect(journal.append(batchOf(['x']), { stream: stream(1) })).rejects.toMatchObject({
      code: 'journal_full',
    })
    await journal.append(batchOf(['own event']), { stream: stream(9) }, { reserve: true })

    await leave(fs, 30 * mebibyte)
    await journal.waitForRoom(AbortSignal.timeout(10_000))
    await journal.append(batchOf(['after']), { stream: stream(1) })
    await using reader = journal.read(0)
    expect((await drain(reader)).map(([, each]) => each)).toEqual(['before', 'own event', 'after'])
  })

  test('what is settled goes for it, although keep would have it stay', async () => {
    const fs = new CrashFileSystem()
    await using journal = await inMemory(fs, { config })
    const cursor = await journal.cursor('sink', { start: 'earliest', required: true })
    for (let n = 0; n < 200; n++) await journal.append(batchOf([text(n)]), { stream: stream(1) })
    cursor.settle(journal.durableSeq)
    const before = journal.stats()
    expect(before.firstSeq).toBe(0)
    await leave(fs, 19 * mebibyte)
    await until(() => journal.stats().firstSeq > 0)
    expect(journal.stats().bytes).toBeLessThan(before.bytes)
    await until(() => journal.pressure === null)
    await journal.append(batchOf(['after']), { stream: stream(1) })
  })

  test('a share of the volume; nothing is looked at where none is set', async () => {
    const fs = new CrashFileSystem()
    await using journal = await inMemory(fs, { config: smallConfig({ min_free: '50%' }) })
    await leave(fs, 511 * mebibyte)
    await until(() => journal.pressure?.message.includes('journal.min_free is 512.0 MiB') === true)
    const other = new CrashFileSystem()
    let looks = 0
    other.freeBytes = async () => {
      looks++
      return 0
    }
    await using unlimited = await inMemory(other)
    await unlimited.append(batchOf(['a']), { stream: stream(1) })
    expect(looks).toBe(0)
  })
})

describe('max_age', () => {
  test('removes what is older, settled or not, and tells which of whose', async () => {
    let ahead = 0
    const clock: Clock = { ...hurried, now: () => Date.now() + ahead }
    const drops: unknown[] = []
    await using journal = await inMemory(new CrashFileSystem(), {
      config: smallConfig({ max_age: '1h', allow_loss: true }),
      clock,
      events: { dropped: (drop) => drops.push(drop) },
    })
    const cursor = await journal.cursor('slow', { start: 'earliest', required: true })
    await journal.append(batchOf(['a', 'b', 'c']), { stream: stream(1) })
    cursor.settle(1)
    // Old enough for another segment to begin, not to go.
    ahead = 40 * 60_000
    await until(() => journal.stats().segments === 2)
    await journal.append(batchOf(['d']), { stream: stream(1) })
    expect(drops).toEqual([])
    ahead = 40 * 60_000 + 61 * 60_000
    await until(() => journal.stats().firstSeq === 3)
    expect(drops).toEqual([{ firstSeq: 1, lastSeq: 2, sinks: ['slow'], reason: 'age' }])
    expect(cursor.settled).toBe(3)
    await using reader = journal.read(0)
    expect(await drain(reader)).toEqual([[3, 'd']])
  })

  test('without it, what a required sink has not settled stays, however old', async () => {
    let ahead = 0
    const clock: Clock = { ...hurried, now: () => Date.now() + ahead }
    await using journal = await inMemory(new CrashFileSystem(), {
      config: smallConfig({ keep: '0ms' }),
      clock,
    })
    await journal.cursor('away', { start: 'earliest', required: true })
    for (let n = 0; n < 20; n++) await journal.append(batchOf([text(n)]), { stream: stream(1) })
    ahead = 3_650 * 86_400_000
    await new Promise((resolve) => setTimeout(resolve, 50))
    await journal.append(batchOf(['ten years later']), { stream: stream(1) })
    expect(journal.stats().firstSeq).toBe(0)
  })
})

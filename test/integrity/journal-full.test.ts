/** Full journals, full disks and failing ones: nothing acknowledged is lost, senders hear of it, and it passes. */
import { describe, expect, test } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { systemClock } from '../../src/clock.ts'
import type { Journal } from '../../src/journal/contract.ts'
import type { JournalOptions } from '../../src/journal/open.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream, until } from '../journal/journal-directory.ts'

const system = (code: string) => Object.assign(new Error(`${code}: simulated`), { code })
const inMemory = (fs: CrashFileSystem, options: Partial<JournalOptions> = {}) =>
  open('/data', { fs, lock: async () => ({ release: () => {} }), ...options })

/** Retries and maintenance come soon. */
const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal) }

const text = (n: number) => `${n} ${'x'.repeat(20_000)}`

/** Appends until it is refused; the texts that were taken. */
async function fill(journal: Journal): Promise<string[]> {
  const taken: string[] = []
  for (let n = 0; n < 1000; n++) {
    try {
      await journal.append(batchOf([text(n)]), { stream: stream(1) })
    } catch (error) {
      expect(error).toMatchObject({ code: 'journal_full' })
      return taken
    }
    taken.push(text(n))
  }
  throw new Error('never full')
}

describe('a journal at max_size', () => {
  const config = smallConfig({ max_size: '1MiB', keep: '0ms' })

  test('refuses, keeps room for own events, says who holds it back, and goes on when that settles', async () => {
    await using journal = await inMemory(new CrashFileSystem(), { config, clock: hurried })
    const cursor = await journal.cursor('slow', { start: 'earliest', required: true })
    const taken = await fill(journal)
    expect(taken.length).toBeGreaterThan(20)
    expect(journal.pressure).toMatchObject({ reason: 'full', message: expect.stringContaining('sink slow') })
    for (let i = 0; i < 5; i++) {
      await journal.append(batchOf(['own event']), { stream: stream(9) }, { reserve: true })
    }
    expect(journal.stats().bytes).toBeLessThanOrEqual(1024 ** 2)
    await expect(journal.append(batchOf(['x']), { stream: stream(1) })).rejects.toThrow('sink slow')

    const room = journal.waitForRoom(AbortSignal.timeout(10_000))
    cursor.settle(journal.durableSeq)
    await room
    expect(journal.pressure).toBeNull()
    await journal.append(batchOf(['after']), { stream: stream(1) })
    await using reader = journal.read(journal.stats().firstSeq)
    expect((await drain(reader)).at(-1)?.[1]).toBe('after')
  })

  test('own events end too when even their reserve is used up', async () => {
    await using journal = await inMemory(new CrashFileSystem(), { config })
    await journal.cursor('slow', { start: 'earliest', required: true })
    await fill(journal)
    const own = async () => {
      for (let i = 0; i < 100; i++) {
        await journal.append(batchOf([text(i)]), { stream: stream(9) }, { reserve: true })
      }
    }
    await expect(own()).rejects.toMatchObject({ code: 'journal_full' })
    expect(journal.stats().bytes).toBeLessThanOrEqual(1024 ** 2)
  })

  test('drop_oldest drops the oldest, and says which of whose', async () => {
    const drops: { firstSeq: number; lastSeq: number; sinks: readonly string[] }[] = []
    await using journal = await inMemory(new CrashFileSystem(), {
      config: smallConfig({ max_size: '1MiB', on_full: 'drop_oldest', allow_loss: true }),
      events: { dropped: (drop) => drops.push(drop) },
    })
    const cursor = await journal.cursor('slow', { start: 'earliest', required: true })
    for (let n = 0; n < 100; n++) await journal.append(batchOf([text(n)]), { stream: stream(1) })
    const { firstSeq } = journal.stats()
    expect(firstSeq).toBeGreaterThan(0)
    expect(drops[0]).toMatchObject({ firstSeq: 0, sinks: ['slow'] })
    expect(drops.at(-1)?.lastSeq).toBe(firstSeq - 1)
    expect(cursor.settled).toBe(firstSeq)
    await using reader = journal.read(0)
    expect((await drain(reader)).map(([seq]) => seq)).toEqual(
      Array.from({ length: 100 - firstSeq }, (_, i) => firstSeq + i),
    )
  })

  test('a sink that is not required holds nothing back, and its gap is told', async () => {
    const gaps: { sink: string; firstSeq: number; lastSeq: number }[] = []
    await using journal = await inMemory(new CrashFileSystem(), {
      config,
      events: { gap: (gap) => gaps.push(gap) },
    })
    const fast = await journal.cursor('fast', { start: 'earliest', required: true })
    const lazy = await journal.cursor('lazy', { start: 'earliest', required: false })
    for (let n = 0; n < 100; n++) {
      const { firstSeq } = await journal.append(batchOf([text(n)]), { stream: stream(1) })
      fast.settle(firstSeq + 1)
    }
    expect(journal.pressure).toBeNull()
    expect(gaps[0]).toMatchObject({ sink: 'lazy', firstSeq: 0 })
    expect(lazy.settled).toBe((gaps.at(-1)?.lastSeq ?? 0) + 1)
  })

  test('the cursor of a sink that is not configured any more still counts', async () => {
    const fs = new CrashFileSystem()
    const before = await inMemory(fs, { config })
    await before.cursor('removed', { start: 'earliest', required: true })
    await before.append(batchOf([text(0)]), { stream: stream(1) })
    await before[Symbol.asyncDispose]()
    await using journal = await inMemory(fs, { config })
    await fill(journal)
    expect(journal.pressure?.message).toContain('removed, which is not configured any more')
    expect(journal.stats().firstSeq).toBe(0)
  })
})

describe('a disk that fails', () => {
  test('a failed sync is not believed: the group goes to a new segment before it is acknowledged', async () => {
    const fs = new CrashFileSystem()
    const journal = await inMemory(fs)
    await journal.append(batchOf(['before']), { stream: stream(1) })
    let failures = 1
    const synced: string[] = []
    fs.fails = (operation, path) => {
      if (operation === 'sync' && path.endsWith('.seg')) {
        synced.push(path)
        if (failures-- > 0) return system('EIO')
      }
      return null
    }
    const commits = await Promise.all([
      journal.append(batchOf(['a', 'b']), { stream: stream(1) }),
      journal.append(batchOf(['c']), { stream: stream(1) }),
    ])
    expect(commits.map(({ firstSeq }) => firstSeq)).toEqual([1, 3])
    expect(journal.pressure).toBeNull()
    // Never a second sync of the file that failed.
    expect(new Set(synced).size).toBe(synced.length)
    fs.powerFor = 0
    await journal[Symbol.asyncDispose]()
    fs.restart(() => false)
    await using after = await inMemory(fs)
    await using reader = after.read(0)
    expect((await drain(reader)).map(([, each]) => each)).toEqual(['before', 'a', 'b', 'c'])
  })

  test.each([
    // A failed sync leaves bytes in the file that read well: none of them may come back.
    ['EIO', 'sync', 'failed', 'journal_unavailable'],
    ['EIO', 'write', 'failed', 'journal_unavailable'],
    ['ENOSPC', 'write', 'disk_full', 'journal_full'],
  ] as const)('%s at every %s: refused while it lasts', async (code, operation, reason, refusal) => {
    const fs = new CrashFileSystem()
    const journal = await inMemory(fs, { clock: hurried })
    await journal.append(batchOf(['acknowledged']), { stream: stream(1) })
    fs.fails = (each) => (each === operation ? system(code) : null)
    const refused = await Promise.allSettled([
      journal.append(batchOf(['x']), { stream: stream(1) }),
      journal.append(batchOf(['y']), { stream: stream(1) }),
    ])
    expect(refused).toMatchObject([
      { status: 'rejected', reason: { code: refusal } },
      { status: 'rejected', reason: { code: refusal } },
    ])
    expect(journal.pressure).toMatchObject({ reason, message: expect.stringContaining('trying again') })
    expect(journal.durableSeq).toBe(1)
    await expect(
      journal.append(batchOf(['own']), { stream: stream(9) }, { reserve: true }),
    ).rejects.toMatchObject({ code: refusal })

    fs.fails = () => null
    await journal.waitForRoom(AbortSignal.timeout(10_000))
    expect(await journal.append(batchOf(['z']), { stream: stream(1) })).toEqual({ firstSeq: 1, count: 1 })
    await using reader = journal.read(0)
    expect((await drain(reader)).map(([, each]) => each)).toEqual(['acknowledged', 'z'])
    await journal[Symbol.asyncDispose]()
    await using again = await inMemory(fs)
    await using rereader = again.read(0)
    expect((await drain(rereader)).map(([, each]) => each)).toEqual(['acknowledged', 'z'])
  })

  test('what a restart found in memory only is on disk before anyone reads it', async () => {
    const fs = new CrashFileSystem()
    const journal = await inMemory(fs)
    await journal.append(batchOf(['synced']), { stream: stream(1) })
    fs.fails = (operation) => (operation === 'sync' ? system('EIO') : null)
    const lost = journal.append(batchOf(['never synced']), { stream: stream(1) })
    lost.catch(() => {})
    await until(() => fs.files('.seg').some(({ bytes }) => bytes.includes('never synced')))
    // Killed, not cut: the next process reads from memory what the disk never got.
    fs.powerFor = 0
    await journal[Symbol.asyncDispose]()
    fs.powerFor = Number.POSITIVE_INFINITY
    fs.fails = () => null
    const second = await inMemory(fs)
    await using reader = second.read(0)
    const seen = await drain(reader)
    fs.powerFor = 0
    await second[Symbol.asyncDispose]()
    fs.restart(() => false)
    await using third = await inMemory(fs)
    await using again = third.read(0)
    expect(seen.map(([, each]) => each)).toEqual(['synced', 'never synced'])
    expect(await drain(again)).toEqual(seen)
  })

  test.each([
    ['EROFS', /\/data.*simulated/],
    ['EACCES', /\/data.*simulated/],
    ['ENOSPC', /^\/data: the disk that holds it is full$/],
  ])('%s at the first start: a clear error', async (code, message) => {
    const fs = new CrashFileSystem()
    fs.fails = (operation) => (operation === 'open' ? system(code) : null)
    await expect(inMemory(fs)).rejects.toMatchObject({
      code: 'data_dir_unusable',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('agent.data_dir'),
    })
  })

  test('cursors that cannot be written are written later', async () => {
    const fs = new CrashFileSystem()
    const journal = await inMemory(fs, { clock: hurried })
    await journal.append(batchOf(['a', 'b']), { stream: stream(1) })
    const cursor = await journal.cursor('sink', { start: 'earliest', required: true })
    let refused = 0
    fs.fails = (operation, path) => {
      if (operation !== 'rename' || !path.includes('cursors') || refused >= 3) return null
      refused++
      return system('EIO')
    }
    cursor.settle(2)
    const onDisk = () => fs.files('sink.json').some(({ bytes }) => bytes.toString().includes('"settled":2'))
    await until(onDisk)
    expect(refused).toBe(3)
    await journal[Symbol.asyncDispose]()
  })
})

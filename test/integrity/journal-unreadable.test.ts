/** Pages that the disk does not give back. Errors of reading are heard; bytes that are lost cost their block only. */
import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { OpenFile } from '../../src/journal/fs-port.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream, until } from '../journal/journal-directory.ts'

const page = 4096
const texts = Array.from({ length: 40 }, (_, n) => `${n} ${'x'.repeat(900)}`)

/** A disk with one bad page in each segment that is read. */
class BadSector extends CrashFileSystem {
  /** Offset of the bad page; null while all is well. */
  bad: number | null = null
  /** Whether nothing at all can be read. */
  dead = false

  override async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    const file = await super.open(path, mode)
    if (!path.endsWith('.seg')) return file
    return {
      ...file,
      read: async (buffer, position) => {
        const { bad } = this
        const hit = bad !== null && position < bad + page && position + buffer.byteLength > bad
        if (this.dead || hit) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
        return await file.read(buffer, position)
      },
    }
  }
}

interface Range {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly file: string
}

const openOn = (fs: BadSector, clock: Clock = systemClock, damaged: (range: Range) => void = () => {}) =>
  open('/data', {
    fs,
    clock,
    config: smallConfig({ segment_size: '128KiB' }),
    lock: async () => ({ release: () => {} }),
    cacheBytes: 0,
    events: { damaged },
  })

async function written(): Promise<BadSector> {
  const fs = new BadSector()
  const journal = await openOn(fs)
  for (const text of texts) await journal.append(batchOf([text]), { stream: stream(1) })
  await journal[Symbol.asyncDispose]()
  return fs
}

/** Seqs of the blocks that reach into the bad page: their bytes are lost. */
function lostBetween(events: readonly [number, string][]): number[] {
  const there = new Set(events.map(([seq]) => seq))
  return texts.map((_, seq) => seq).filter((seq) => !there.has(seq))
}

test('failures 13: a bad sector does not keep the journal from starting; its blocks are damage', async () => {
  const fs = await written()
  fs.bad = 5 * page
  let ahead = 0
  await using journal = await openOn(fs, { ...systemClock, monotonic: () => performance.now() + ahead })
  await using reader = journal.read(0)
  await expect(drain(reader)).rejects.toThrow('i/o error')
  ahead = 70_000
  await using later = journal.read(0)
  const lost = lostBetween(await drain(later))
  expect(lost.length).toBeGreaterThan(2)
  expect(lost.length).toBeLessThan(8)
  expect(journal.recovery.damaged).toMatchObject([{ firstSeq: lost[0], lastSeq: lost.at(-1) }])
  expect(lost).toEqual(lost.map((_, i) => lost[0]! + i))
  // What can be read of them is kept.
  const [{ file }] = journal.recovery.damaged as [Range]
  const start = Number(file.slice(file.lastIndexOf('@') + 1))
  const copy = fs.files(file)[0]!.bytes
  const original = Buffer.from(fs.files('.seg')[0]!.bytes.subarray(start, start + copy.byteLength))
  original.fill(0, Math.max(0, fs.bad - start), fs.bad + page - start)
  expect(copy.byteLength).toBeGreaterThan(page)
  expect(copy.equals(original)).toBe(true)
})

test('a disk that gives nothing back is not taken for an empty one: a clear error, and all is there later', async () => {
  const fs = await written()
  fs.dead = true
  await expect(openOn(fs)).rejects.toMatchObject({
    code: 'data_dir_unusable',
    message: expect.stringContaining('i/o error'),
  })
  fs.dead = false
  await using journal = await openOn(fs)
  expect(journal.recovery.damaged).toEqual([])
  await using reader = journal.read(0)
  expect(await drain(reader)).toHaveLength(texts.length)
})

test('failures 15: an error of reading is heard at once, and what it hid is there when it has passed', async () => {
  const fs = await written()
  await using journal = await openOn(fs)
  await using reader = journal.read(0)
  fs.bad = 5 * page
  await expect(drain(reader)).rejects.toThrow('i/o error')
  const before = reader.position
  await expect(reader.next()).rejects.toThrow('i/o error')
  expect(reader.position).toBe(before)
  fs.bad = null
  // The same reader goes on where it was: nothing is stepped over.
  expect((await drain(reader)).map(([seq]) => seq)).toEqual(
    Array.from({ length: texts.length - before }, (_, i) => before + i),
  )
})

test('failures 15: one that lasts is told as damage with its seqs, once, and reading goes on behind it', async () => {
  const fs = await written()
  let ahead = 0
  const clock: Clock = {
    ...systemClock,
    monotonic: () => performance.now() + ahead,
    sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal),
  }
  const told: Range[] = []
  await using journal = await openOn(fs, clock, (range) => told.push(range))
  fs.bad = 5 * page
  const readAll = async () => {
    await using reader = journal.read(0)
    return await drain(reader)
  }
  for (const seconds of [0, 20, 40]) {
    ahead = seconds * 1000
    await expect(readAll()).rejects.toThrow('i/o error')
    expect(told).toEqual([])
  }
  ahead = 70_000
  const lost = lostBetween(await readAll())
  expect(lost.length).toBeGreaterThan(2)
  expect(told).toMatchObject([{ firstSeq: lost[0], lastSeq: lost.at(-1) }])
  await readAll()
  expect(told).toHaveLength(1)
  const note = () => fs.files(`${told[0]!.file}.json`)[0]?.bytes.toString()
  await until(() => note() !== undefined)
  expect(JSON.parse(note() ?? '')).toMatchObject({ first_seq: lost[0], last_seq: lost.at(-1) })
})

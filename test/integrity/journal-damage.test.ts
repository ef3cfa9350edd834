/**
 * Bytes that go bad on disk: never a crash, never a wrong event, and the report names every seq that is gone.
 */
import { crc32c } from '@node-rs/crc32'
import { beforeAll, describe, expect, test } from 'vitest'
import { openJournalForReading } from '../../src/journal/reading.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream } from '../journal/journal-directory.ts'

const blocks = 200
const perBlock = 2
const config = smallConfig({ segment_size: '128KiB', max_size: '64MiB' })
const inMemory = (fs: CrashFileSystem, more: Parameters<typeof open>[1] = {}) =>
  open('/data', { fs, config, lock: async () => ({ release: () => {} }), ...more })

const texts = (block: number) =>
  Array.from({ length: perBlock }, (_, i) => `{"block":${block},"i":${i},"pad":"${'p'.repeat(block % 60)}"}`)
const expected = Array.from({ length: blocks }, (_, block) => texts(block)).flat()

/** The bytes of a segment that was closed in good order, and where its data begin and end. */
let segment: { readonly path: string; readonly bytes: Buffer }

beforeAll(async () => {
  const fs = new CrashFileSystem()
  const journal = await inMemory(fs)
  for (let block = 0; block < blocks; block++) {
    const position = { offset: block, ranges: [] }
    await journal.append(batchOf(texts(block)), { stream: stream(1), descriptor: Buffer.from('d'), position })
  }
  await journal[Symbol.asyncDispose]()
  const files = fs.files('.seg')
  expect(files).toHaveLength(1)
  segment = { path: files[0]!.path, bytes: Buffer.from(files[0]!.bytes) }
})

async function diskWith(change: (bytes: Buffer) => Buffer): Promise<CrashFileSystem> {
  const fs = new CrashFileSystem()
  const file = await fs.open(segment.path, 'create')
  await file.write([change(Buffer.from(segment.bytes))], 0)
  return fs
}

const diskWithHole = (start: number, end?: number) =>
  diskWith((bytes) => {
    bytes.subarray(start, end).fill(0xee)
    return bytes
  })

/** Opens, reads everything, and holds it to what was written. Returns the seqs that are gone. */
async function readBack(fs: CrashFileSystem): Promise<number[]> {
  const view = await openJournalForReading('/data', { fs })
  const reported = new Set<number>()
  const report = ({ firstSeq, lastSeq }: { firstSeq: number; lastSeq: number }) => {
    for (let seq = firstSeq; seq <= lastSeq; seq++) reported.add(seq)
  }
  await using journal = await inMemory(fs, { events: { damaged: report } })
  for (const range of journal.recovery.damaged) report(range)
  await using reader = journal.read(0)
  const events = await drain(reader)
  expect(events.filter(([seq, text]) => text !== expected[seq])).toEqual([])
  const present = new Set(events.map(([seq]) => seq))
  expect(present.size).toBe(events.length)
  const gone = expected.map((_, seq) => seq).filter((seq) => !present.has(seq))
  expect(gone.filter((seq) => !reported.has(seq))).toEqual([])
  expect([...reported].filter((seq) => present.has(seq))).toEqual([])
  expect(journal.durableSeq).toBe(expected.length)
  // What looks on without the lock saw the same before recovery touched anything.
  await using looking = view.read(0)
  expect(await drain(looking)).toEqual(events)
  return gone
}

describe('damage', () => {
  test('a hole over several blocks costs those blocks, and one range names them', async () => {
    const gone = await readBack(await diskWithHole(20_001, 23_456))
    expect(gone.length).toBeGreaterThan(perBlock)
    expect(gone).toEqual(gone.map((_, i) => gone[0]! + i))
  })

  test('without any header page the whole file is set aside, and its seqs stay given away', async () => {
    const fs = await diskWithHole(0, 8192)
    await using journal = await inMemory(fs)
    expect(journal.recovery.damaged).toMatchObject([{ firstSeq: 0, lastSeq: expected.length - 1 }])
    expect(fs.files('.seg@0')[0]?.bytes.byteLength).toBe(segment.bytes.byteLength)
    expect((await journal.append(batchOf(['next']), { stream: stream(1) })).firstSeq).toBe(expected.length)
  })

  test('what nothing behind it proves counts as torn; the rest is kept', async () => {
    await using journal = await inMemory(await diskWithHole(-2000))
    expect(journal.recovery).toMatchObject({ clean: false, damaged: [] })
    expect(journal.recovery.tornBytes).toBeGreaterThan(1000)
    await using reader = journal.read(0)
    const kept = await drain(reader)
    expect(kept.length).toBeGreaterThan(350)
    for (const [seq, text] of kept) expect(text).toBe(expected[seq])
  })

  test('bad bytes that reach over the proven end end the journal there, and what was proven is named', async () => {
    const fs = new CrashFileSystem()
    const journal = await inMemory(fs)
    await journal.append(batchOf(['durable']), { stream: stream(1) })
    await Promise.all([
      journal.append(batchOf(['first of a group']), { stream: stream(1) }),
      journal.append(batchOf(['second of it: proves what was before the group']), { stream: stream(1) }),
    ])
    fs.powerFor = 0
    await journal[Symbol.asyncDispose]()
    fs.restart(() => true)
    const { bytes } = fs.files('.seg')[0]!
    bytes.fill(0xee, 8208, 8208 + 208 + 100)
    await using after = await inMemory(fs)
    expect(after.recovery.damaged).toMatchObject([{ firstSeq: 0, lastSeq: 0 }])
    expect(after.durableSeq).toBe(1)
    await using reader = after.read(0)
    expect(await drain(reader)).toEqual([])
  })

  test('a truncated file loses its end only', async () => {
    for (const length of [8000, 9000, 30_000, segment.bytes.byteLength - 1]) {
      const fs = await diskWith((bytes) => bytes.subarray(0, length))
      await using journal = await inMemory(fs)
      await using reader = journal.read(0)
      for (const [seq, text] of await drain(reader)) expect(text).toBe(expected[seq])
    }
  })

  test('seqs that a sink has settled are never given away again', async () => {
    const fs = await diskWith((bytes) => bytes)
    const before = await inMemory(fs)
    const cursor = await before.cursor('sink', { start: 'earliest', required: true })
    await before.append(batchOf(['delivered', 'then lost']), { stream: stream(1) })
    cursor.settle(expected.length + 2)
    await before[Symbol.asyncDispose]()
    // The segment that held them loses all its blocks, as a torn write would.
    const last = fs.files('.seg').at(-1)!
    last.bytes.fill(0, 8192)
    await using journal = await inMemory(fs)
    expect(journal.recovery.damaged).toMatchObject([
      { firstSeq: expected.length, lastSeq: expected.length + 1 },
    ])
    const commit = await journal.append(batchOf(['new']), { stream: stream(1) })
    expect(commit.firstSeq).toBe(expected.length + 2)
    await using reader = journal.read(expected.length)
    expect(await drain(reader)).toEqual([[expected.length + 2, 'new']])
  })

  test('damage behind a sealed segment is found when it is read, reported once, and read over', async () => {
    const fs = await diskWith((bytes) => bytes)
    await (await inMemory(fs))[Symbol.asyncDispose]()
    fs.flip(segment.path, 40_000, 1)
    const reports: unknown[] = []
    await using journal = await inMemory(fs, { events: { damaged: (damage) => reports.push(damage) } })
    expect(journal.recovery.damaged).toEqual([])
    for (let i = 0; i < 2; i++) {
      await using reader = journal.read(0)
      expect(await drain(reader)).toHaveLength(expected.length - perBlock)
    }
    expect(reports).toHaveLength(1)
    expect(fs.files('').some(({ path }) => path.includes('/damaged/'))).toBe(true)
  })

  test('a version or flags of the future are refused, not guessed at', async () => {
    const pageEnd = 4092
    for (const field of [8, 10]) {
      const fs = await diskWith((bytes) => {
        bytes[field] = 9
        bytes.writeUInt32LE(crc32c(bytes.subarray(0, pageEnd)), pageEnd)
        return bytes
      })
      await expect(inMemory(fs)).rejects.toMatchObject({
        code: 'journal_format',
        message: expect.stringContaining(segment.path),
      })
    }
  })
})

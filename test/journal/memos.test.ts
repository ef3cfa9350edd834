import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { BlockMemo, Journal } from '../../src/journal/contract.ts'
import { CrashFileSystem } from './crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream, temporaryDirectory } from './journal-directory.ts'

const memoOf = (n: number) => Buffer.from(`memo ${n} ${'x'.repeat(n % 700)}`)

async function memosOf(
  journal: Journal,
): Promise<{ readonly segments: number; readonly memos: BlockMemo[] }> {
  const bySegment: (readonly BlockMemo[])[] = []
  let before = Number.POSITIVE_INFINITY
  for await (const { created, memos } of journal.memos()) {
    expect(created).toBeLessThanOrEqual(before)
    before = created
    for (const { writtenTime } of memos) expect(writtenTime).toBeGreaterThanOrEqual(created)
    bySegment.push(memos)
  }
  return { segments: bySegment.length, memos: bySegment.reverse().flat() }
}

const textsOf = (memos: readonly BlockMemo[]) => memos.map(({ memo }) => Buffer.from(memo).toString())

describe('memos', () => {
  test.each([
    ['in plain', {}],
    ['compressed', { compression: 'zstd' }],
    ['encrypted', { encryption: { keys: [randomBytes(32).toString('hex')] } }],
  ])(
    'come back in their order, from every segment, with the seqs of their blocks (%s)',
    async (_, settings) => {
      await using directory = await temporaryDirectory()
      const config = smallConfig(settings)
      const blocks = 150
      {
        await using journal = await open(directory.path, { config })
        for (let n = 0; n < blocks; n++) {
          const batch = batchOf(n % 10 === 9 ? [] : [`event ${n} ${'y'.repeat(2000)}`, `event ${n}`])
          const update = { stream: stream(n % 3), ...(n % 4 !== 3 && { memo: memoOf(n) }) }
          await journal.append(batch, update)
        }
      }
      await using journal = await open(directory.path, { config })
      expect(journal.recovery).toMatchObject({ clean: true, damaged: [] })
      const { segments, memos } = await memosOf(journal)
      expect(segments).toBeGreaterThan(1)
      const expected = Array.from({ length: blocks }, (_, n) => n).filter((n) => n % 4 !== 3)
      expect(textsOf(memos)).toEqual(expected.map((n) => memoOf(n).toString()))
      const seqOf = (n: number) => 2 * (n - Math.floor(n / 10))
      expect(memos.map(({ firstSeq }) => firstSeq)).toEqual(expected.map(seqOf))
      await using reader = journal.read(0)
      expect(await drain(reader)).toHaveLength(2 * (blocks - blocks / 10))
      // They are nothing of a stream: what cannot be read on leaves no trace in snapshots.
      expect(journal.liveStreams()).toEqual([])
    },
  )

  test('are there after a power cut, for every block that was acknowledged', async () => {
    const fs = new CrashFileSystem()
    const options = { fs, lock: async () => ({ release: () => {} }) }
    await using journal = await open('/data', options)
    for (let n = 0; n < 20; n++)
      await journal.append(batchOf(['event']), { stream: stream(1), memo: memoOf(n) })
    fs.restart(() => false)
    await using again = await open('/data', options)
    const { memos } = await memosOf(again)
    expect(textsOf(memos)).toEqual(Array.from({ length: 20 }, (_, n) => memoOf(n).toString()))
  })
})

/**
 * Flipped bytes in compressed and encrypted segments: never a crash, never a wrong event, and the report names every seq
 * that is gone. A sample of the bytes by default; AFFIANT_FLIP_ALL=1 flips each. Plain segments: journal-damage.test.ts.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { KeyRing, parseKey } from '../../src/journal/key-ring.ts'
import { openJournalForReading } from '../../src/journal/reading.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream } from '../journal/journal-directory.ts'
import { seed } from '../seed.ts'

const blocks = 200
const perBlock = 2
const key = '7f'.repeat(32)
const keys = new KeyRing([parseKey(key)])
const encryption = { keys: [key] }
const texts = (block: number) =>
  Array.from(
    { length: perBlock },
    (_, i) => `{"block":${block},"i":${i},"pad":"${'pad'.repeat(block % 40)}"}`,
  )
const expected = Array.from({ length: blocks }, (_, block) => texts(block)).flat()
// Another prime for each, and another first byte each day: the samples meet every field of a header sooner or later.
const variants = [
  ['compressed', { compression: 'zstd' }, 13_007],
  ['encrypted', { encryption }, 14_009],
  ['compressed and encrypted', { compression: 'zstd', encryption }, 15_013],
] as const

describe.each(variants)('%s', (_, settings, sample) => {
  const config = smallConfig({ segment_size: '256KiB', max_size: '64MiB', ...settings })
  const inMemory = (fs: CrashFileSystem, more: Parameters<typeof open>[1] = {}) =>
    open('/data', { fs, config, lock: async () => ({ release: () => {} }), cacheBytes: 0, ...more })
  let segment: { readonly path: string; readonly bytes: Buffer }

  beforeAll(async () => {
    const fs = new CrashFileSystem()
    const journal = await inMemory(fs)
    for (let block = 0; block < blocks; block++) {
      const descriptor = Buffer.from(`{"path":"/var/log/${block}"}`)
      const update = { stream: stream(1), descriptor, position: { offset: block, ranges: [] } }
      await journal.append(batchOf(texts(block), [`raw ${block}`]), update)
    }
    await journal[Symbol.asyncDispose]()
    const [file] = fs.files('.seg')
    if (!file || fs.files('.seg').length > 1) throw new Error('not one segment')
    segment = { path: file.path, bytes: Buffer.from(file.bytes) }
  })

  async function readBack(offset: number): Promise<number[]> {
    const bytes = Buffer.from(segment.bytes)
    bytes[offset] = bytes[offset]! ^ 0x5a
    const fs = new CrashFileSystem()
    await (await fs.open(segment.path, 'create')).write([bytes], 0)
    const view = await openJournalForReading('/data', { fs, keys })
    await using looking = view.read(0)
    const seen = await drain(looking)

    const reported = new Set<number>()
    const report = ({ firstSeq, lastSeq }: { firstSeq: number; lastSeq: number }) => {
      for (let seq = firstSeq; seq <= lastSeq; seq++) reported.add(seq)
    }
    await using journal = await inMemory(fs, { events: { damaged: report } })
    for (const range of journal.recovery.damaged) report(range)
    await using reader = journal.read(0)
    const events = await drain(reader)
    expect(events).toEqual(seen)
    expect(events.filter(([seq, text]) => text !== expected[seq])).toEqual([])
    const present = new Set(events.map(([seq]) => seq))
    const gone = expected.map((_text, seq) => seq).filter((seq) => !present.has(seq))
    expect([...reported].toSorted((a, b) => a - b)).toEqual(gone)
    // The last block or the one before it says how far the file was read.
    expect(journal.liveStreams()[0]?.position.offset).toBeGreaterThanOrEqual(blocks - 2)
    return gone
  }

  test('one flipped byte costs one block at most', async () => {
    const step = process.env.AFFIANT_FLIP_ALL ? 1 : sample
    const start = process.env.AFFIANT_FLIP_ALL ? 0 : seed % step
    for (let offset = start; offset < segment.bytes.byteLength; offset += step) {
      const gone = await readBack(offset)
      expect(gone.length, `flipped byte ${offset}, seed ${seed}`).toBeLessThanOrEqual(perBlock)
    }
  }, 3_600_000)
})

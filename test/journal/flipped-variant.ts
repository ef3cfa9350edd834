/** Segments that are compressed, encrypted or both, and what must happen when one of their bytes is flipped. */
import assert from 'node:assert/strict'
import { KeyRing, parseKey } from '../../src/journal/key-ring.ts'
import { openJournalForReading } from '../../src/journal/reading.ts'
import { CrashFileSystem } from './crash-file-system.ts'
import { placesOf } from './flipped-segment.ts'
import { batchOf, drain, open, smallConfig, stream } from './journal-directory.ts'

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

export const variants = {
  compressed: { compression: 'zstd' },
  encrypted: { encryption },
  'compressed and encrypted': { compression: 'zstd', encryption },
} as const

export interface FlippedVariant {
  readonly length: number
  /** Flips the byte at `offset`, reads everything, and holds it to what must be. */
  check(offset: number): Promise<void>
}

export async function flippedVariant(variant: keyof typeof variants): Promise<FlippedVariant> {
  const config = smallConfig({ segment_size: '256KiB', max_size: '64MiB', ...variants[variant] })
  const inMemory = (fs: CrashFileSystem, more: Parameters<typeof open>[1] = {}) =>
    open('/data', { fs, config, lock: async () => ({ release: () => {} }), cacheBytes: 0, ...more })

  const original = new CrashFileSystem()
  const filling = await inMemory(original)
  for (let block = 0; block < blocks; block++) {
    // Every eighth with all that a block can have: each costs a frame or a seal more, whenever it is read.
    const all = block % 8 === 0
    const descriptor = Buffer.from(`{"path":"/var/log/${block}"}`)
    const position = { offset: block, ranges: [] }
    const update = {
      stream: stream(1),
      ...(all && { descriptor, memo: Buffer.from(`memo ${block}`) }),
      position,
    }
    await filling.append(batchOf(texts(block), all ? [`raw ${block}`] : []), update)
  }
  await filling[Symbol.asyncDispose]()
  const files = original.files('.seg')
  const [segment] = files
  if (!segment || files.length > 1) throw new Error('not one segment')
  const places = await placesOf(original, keys)

  async function check(offset: number): Promise<void> {
    const what = `flipped byte ${offset} (${variant})`
    const bytes = Buffer.from(segment!.bytes)
    bytes[offset] = bytes[offset]! ^ 0x5a
    const fs = new CrashFileSystem()
    await (await fs.open(segment!.path, 'create')).write([bytes], 0)
    // Everything is read for one byte in eight; for the others recovery looks at everything once, and the blocks
    // around the place are read.
    const thorough = offset % 8 === 0
    const hit = places.find((place) => place.offset <= offset && offset < place.end)?.firstSeq ?? 0
    const from = thorough ? 0 : Math.max(0, hit - 2 * perBlock)
    const next = thorough ? expected.length : Math.min(expected.length, from + 6 * perBlock)
    const view = thorough ? await openJournalForReading('/data', { fs, keys }) : null
    await using looking = view?.read(0)
    const seen = looking && (await drain(looking))

    const reported: number[] = []
    const report = ({ firstSeq, lastSeq }: { firstSeq: number; lastSeq: number }) => {
      for (let seq = firstSeq; seq <= lastSeq; seq++) reported.push(seq)
    }
    await using journal = await inMemory(fs, { events: { damaged: report } })
    for (const range of journal.recovery.damaged) report(range)
    await using reader = journal.read(from)
    const events = await drain(reader, next)
    if (seen) assert.deepEqual(events, seen, what)
    for (const [seq, text] of events) assert.equal(text, expected[seq], what)
    const present = new Set(events.map(([seq]) => seq))
    assert.equal(present.size, events.length, what)
    const gone = expected.flatMap((_, seq) => (seq < from || seq >= next || present.has(seq) ? [] : [seq]))
    // Each once.
    assert.deepEqual(
      reported.toSorted((a, b) => a - b),
      gone,
      what,
    )
    assert.ok(gone.length <= perBlock, what)
    // The last block or the one before it says how far the file was read.
    assert.ok(journal.liveStreams()[0]!.position.offset >= blocks - 2, what)
  }
  return { length: segment.bytes.byteLength, check }
}

/**
 * Whole segments that are gone, cut, or lost under another one: what is left is read, and the exact seqs that are gone
 * are told once, by the agent and by whoever looks on.
 */
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import type { DamagedSeqs } from '../../src/journal/contract.ts'
import { openJournalForReading } from '../../src/journal/reading.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { CrashFileSystem } from '../journal/crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream } from '../journal/journal-directory.ts'

const config = smallConfig({ segment_size: '64KiB', max_size: '64MiB' })
/** Three events of 5 KB to a block, three blocks to a segment. */
const perBlock = 3
const blocks = 15
const texts = (block: number) =>
  Array.from({ length: perBlock }, (_, i) => `{"n":${block * perBlock + i},"pad":"${'p'.repeat(5_000)}"}`)
const seqs = blocks * perBlock
/** Of an event that is as it was, its seq. */
const seqOf = ([seq, text]: readonly [number, string]): number | string =>
  text === texts(Math.floor(seq / perBlock))[seq % perBlock] ? seq : `wrong at ${seq}`

interface Told {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly gone: boolean
}

const openOn = (fs: CrashFileSystem, more: Parameters<typeof open>[1] = {}) =>
  open('/data', { fs, config, lock: async () => ({ release: () => {} }), cacheBytes: 0, ...more })

/** One sink has settled `settled` events. The segments, oldest first. */
async function filled(settled: number) {
  const fs = new CrashFileSystem()
  const journal = await openOn(fs)
  const cursor = await journal.cursor('sink', { start: 'earliest', required: true })
  for (let block = 0; block < blocks; block++) {
    const position = { offset: block + 1, ranges: [] }
    await journal.append(batchOf(texts(block)), { stream: stream(1), descriptor: Buffer.from('d'), position })
  }
  cursor.settle(settled)
  await journal[Symbol.asyncDispose]()
  const segments = fs
    .files('.seg')
    .map(({ path }) => path)
    .toSorted((a, b) => (a < b ? -1 : 1))
  expect(segments.length).toBeGreaterThanOrEqual(5)
  return { fs, segments, firstSeqs: segments.map((path) => Number(basename(path).split('-')[1])) }
}

/** A start that reads everything. What it told, and what it read. */
async function start(fs: CrashFileSystem) {
  const told: Told[] = []
  const tell = ({ firstSeq, lastSeq, gone }: DamagedSeqs) =>
    void told.push({ firstSeq, lastSeq, gone: gone === true })
  const metrics = createMetrics()
  const journal = await openOn(fs, { metrics, events: { damaged: tell } })
  for (const range of journal.recovery.damaged) tell(range)
  await using reader = journal.read(0)
  const events = (await drain(reader)).map(seqOf)
  const { durableSeq } = journal
  await journal[Symbol.asyncDispose]()
  const metric = await metrics.registry.metrics()
  const counted = Number(/^affiant_journal_damaged_events_total (\d+)$/m.exec(metric)?.[1])
  return { told, events, durableSeq, counted }
}

async function look(fs: CrashFileSystem) {
  const view = await openJournalForReading('/data', { fs })
  await using reader = view.read(0)
  const events = (await drain(reader)).map(seqOf)
  const gone = new Set<number>()
  for (const { firstSeq, lastSeq } of [...view.gaps, ...view.damage]) {
    for (let seq = firstSeq; seq <= (lastSeq ?? firstSeq); seq++) gone.add(seq)
  }
  return { events, gone: [...gone].toSorted((a, b) => a - b) }
}

const seqsFrom = (first: number, next: number) => Array.from({ length: next - first }, (_, i) => first + i)

/** Holds it to: exactly `[first, next)` is gone, told once, and everything else is read. */
async function hold(fs: CrashFileSystem, first: number, next: number, { gone = true } = {}) {
  const left = seqsFrom(0, seqs).filter((seq) => seq < first || seq >= next)
  const seen = await look(fs)
  expect(seen.events).toEqual(left)
  expect(seen.gone).toEqual(seqsFrom(first, next))
  const started = await start(fs)
  expect(started.events).toEqual(left)
  expect(started.told).toEqual([{ firstSeq: first, lastSeq: next - 1, gone }])
  expect(started.counted).toBe(next - first)
  expect(started.durableSeq).toBe(Math.max(seqs, next))
  const again = await start(fs)
  expect(again).toMatchObject({ told: [], counted: 0, events: left, durableSeq: started.durableSeq })
  // Who looks on still hears of it.
  expect((await look(fs)).gone).toEqual(seqsFrom(first, next))
}

test('one in the middle is gone', async () => {
  const { fs, segments, firstSeqs } = await filled(0)
  await fs.remove(segments[2]!)
  await hold(fs, firstSeqs[2]!, firstSeqs[3]!)
})

test('several in the middle are gone', async () => {
  const { fs, segments, firstSeqs } = await filled(0)
  await fs.remove(segments[1]!)
  await fs.remove(segments[2]!)
  await hold(fs, firstSeqs[1]!, firstSeqs[3]!)
})

test('the first ones are gone, and a sink has not had all of them', async () => {
  const { fs, segments, firstSeqs } = await filled(2)
  await fs.remove(segments[0]!)
  await fs.remove(segments[1]!)
  const seen = await look(fs)
  expect(seen.gone).toEqual(seqsFrom(2, firstSeqs[2]!))
  const started = await start(fs)
  expect(started.told).toEqual([{ firstSeq: 2, lastSeq: firstSeqs[2]! - 1, gone: true }])
  expect(started.events[0]).toBe(firstSeqs[2])
  expect((await start(fs)).told).toEqual([])
})

test('the first ones are gone, and every sink had them: a lower end like that of retention', async () => {
  const { fs, segments, firstSeqs } = await filled(seqs)
  await fs.remove(segments[0]!)
  expect((await look(fs)).gone).toEqual([])
  expect(await start(fs)).toMatchObject({ told: [], counted: 0 })
  expect(firstSeqs[1]).toBeGreaterThan(0)
})

test.each([
  ['between two blocks', (first: number) => first],
  ['in the middle of a block', (first: number) => first + 100],
  ['in its snapshot', () => 8192],
])('one is cut %s', async (_, at) => {
  const { fs, segments, firstSeqs } = await filled(0)
  const file = await fs.open(segments[2]!, 'write')
  const magic = Buffer.from('ff4146424c4bfe0a', 'hex')
  const { bytes } = fs.files(segments[2]!)[0]!
  const second = bytes.indexOf(magic, bytes.indexOf(magic) + 1)
  const length = at(second)
  await file.truncate(length)
  await hold(fs, length >= second ? firstSeqs[2]! + perBlock : firstSeqs[2]!, firstSeqs[3]!)
})

test.each([
  ['a file of nothing', 0],
  ['a part of its header', 1000],
])('%s is left of one', async (_, length) => {
  const { fs, segments, firstSeqs } = await filled(0)
  await (await fs.open(segments[2]!, 'write')).truncate(length)
  await hold(fs, firstSeqs[2]!, firstSeqs[3]!, { gone: false })
})

test('one is copied over another: its name says which events are gone', async () => {
  const { fs, segments, firstSeqs } = await filled(0)
  await (await fs.open(segments[3]!, 'create')).write([fs.files(segments[1]!)[0]!.bytes], 0)
  await hold(fs, firstSeqs[3]!, firstSeqs[4]!, { gone: false })
})

test('one is renamed over another: both are gone, and its bytes are kept for salvage', async () => {
  const { fs, segments, firstSeqs } = await filled(0)
  await fs.rename(segments[1]!, segments[3]!)
  const started = await start(fs)
  expect(started.told).toEqual([
    { firstSeq: firstSeqs[3], lastSeq: firstSeqs[4]! - 1, gone: false },
    { firstSeq: firstSeqs[1], lastSeq: firstSeqs[2]! - 1, gone: true },
  ])
  expect(fs.files(`${basename(segments[3]!)}@0`)).toHaveLength(1)
  expect((await start(fs)).told).toEqual([])
})

test('nothing is left of the newest: its first seq at least is told, and not given away again', async () => {
  const { fs, segments, firstSeqs } = await filled(0)
  await (await fs.open(segments.at(-1)!, 'write')).truncate(0)
  const started = await start(fs)
  expect(started.told).toEqual([{ firstSeq: firstSeqs.at(-1), lastSeq: firstSeqs.at(-1), gone: false }])
  expect(started.durableSeq).toBeGreaterThan(firstSeqs.at(-1)!)
  expect((await start(fs)).told).toEqual([])
})

test('no segment can be read at all: who looks on hears that, and not that there is no journal', async () => {
  const { fs, segments } = await filled(0)
  for (const path of segments) await (await fs.open(path, 'write')).truncate(100)
  await expect(openJournalForReading('/data', { fs })).rejects.toMatchObject({ code: 'journal_damaged' })
})

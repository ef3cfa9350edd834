/** A segment of 200 blocks of at most 512 bytes, what each of its bytes is, and what must happen when one is flipped. */
import assert from 'node:assert/strict'
import { BlockScanner } from '../../src/journal/block-scanner.ts'
import { KeyRing } from '../../src/journal/key-ring.ts'
import { openJournalForReading } from '../../src/journal/reading.ts'
import { loadSegments } from '../../src/journal/segment-list.ts'
import { CrashFileSystem } from './crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream } from './journal-directory.ts'

const blocks = 200
const perBlock = 2
const config = smallConfig({ segment_size: '128KiB', max_size: '64MiB' })
const descriptor = Buffer.from('d')

const texts = (block: number) =>
  Array.from({ length: perBlock }, (_, i) => `{"block":${block},"i":${i},"pad":"${'p'.repeat(block % 60)}"}`)
const expected = Array.from({ length: blocks }, (_, block) => texts(block)).flat()
const lastSeq = expected.length - 1
const there = expected.map((text, seq): [number, string] => [seq, text])

/** One string: much cheaper to compare than the pairs, and read as easily. */
const linesOf = (events: readonly (readonly [number, string])[]): string =>
  events.map(([seq, text]) => `${seq} ${text}`).join('\n')

interface Place {
  readonly offset: number
  /** Behind its body. */
  readonly used: number
  /** Behind its padding. */
  readonly end: number
  readonly firstSeq: number
  readonly count: number
  readonly headerEnd: number
}

/**
 * `sealed`: closed in good order, and the last segment. `torn`: its process was killed. `followed`: sealed, and another
 * one follows, so that no start reads it.
 */
export type Case = 'sealed' | 'torn' | 'followed'

export interface FlippedSegment {
  readonly length: number
  readonly blocks: readonly Place[]
  /** Flips the byte at `offset`, reads everything, and holds it to what must be. */
  check(offset: number): Promise<void>
}

const openOn = (fs: CrashFileSystem, damaged: (range: Range) => void = () => {}) =>
  open('/data', { fs, config, lock: async () => ({ release: () => {} }), events: { damaged } })

interface Range {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly file: string
}

export async function flippedSegment(kind: Case): Promise<FlippedSegment> {
  const original = new CrashFileSystem()
  const journal = await openOn(original)
  for (let block = 0; block < blocks; block++) {
    const position = { offset: block + 1, ranges: [] }
    const said = block === 0 ? { descriptor } : {}
    await journal.append(batchOf(texts(block)), { stream: stream(1), ...said, position })
  }
  if (kind === 'torn') original.powerFor = 0
  await journal[Symbol.asyncDispose]()
  original.powerFor = Number.POSITIVE_INFINITY
  if (kind === 'followed') await (await openOn(original))[Symbol.asyncDispose]()
  const files = original.files('.seg').map(({ path, bytes }) => ({ path, bytes: Buffer.from(bytes) }))
  const [segment] = files
  if (!segment || files.length !== (kind === 'followed' ? 2 : 1)) throw new Error(`${files.length} segments`)
  const places = await placesOf(original)
  assert.equal(places.filter(({ count }) => count > 0).length, blocks)
  for (const { offset, end } of places) assert.ok(end - offset <= 512)

  async function check(offset: number): Promise<void> {
    const fs = new CrashFileSystem()
    for (const { path, bytes } of files) {
      const file = await fs.open(path, 'create')
      await file.write([Buffer.from(bytes)], 0)
    }
    fs.flip(segment!.path, offset, 0x5a)
    const flipped = Buffer.from(fs.files(segment!.path)[0]!.bytes)
    const hit = places.find((place) => place.offset <= offset && offset < place.used) ?? null
    await hold(fs, kind, hit, offset, flipped)
  }
  return { length: places.at(-1)!.end, blocks: places, check }
}

/** The blocks of the only or oldest segment. */
export async function placesOf(fs: CrashFileSystem, keys = new KeyRing()): Promise<Place[]> {
  const { segments } = await loadSegments(fs, '/data/journal', keys)
  const [segment] = segments
  const file = await fs.open(segment!.path, 'read')
  const scanner = new BlockScanner(file, segment!)
  const places: Place[] = []
  for (
    let next = await scanner.next(segment!.end);
    next?.kind === 'block';
    next = await scanner.next(segment!.end)
  ) {
    const { offset, header } = next
    const headerEnd = offset + header.headerLength
    const used = headerEnd + header.bodyLength
    const { firstSeq, count } = header
    places.push({ offset, headerEnd, used, end: offset + header.length, firstSeq, count })
  }
  return places
}

async function hold(
  fs: CrashFileSystem,
  kind: Case,
  hit: Place | null,
  offset: number,
  flipped: Buffer,
): Promise<void> {
  const what = `flipped byte ${offset} (${kind})`
  const isLastEvents = hit !== null && hit.firstSeq + hit.count > lastSeq && hit.count > 0
  // What nothing behind it proves may be a torn write.
  const torn = kind === 'torn' && isLastEvents
  const lost = hit && hit.count > 0 ? { firstSeq: hit.firstSeq, lastSeq: hit.firstSeq + hit.count - 1 } : null
  // Everything is read for one byte in eight, another one in each block; for the others recovery looks at everything
  // once, and the blocks around the one that was hit are read.
  const thorough = (offset + (hit?.firstSeq ?? 0) / perBlock) % 8 === 0
  const from = thorough ? 0 : Math.max(0, (hit?.firstSeq ?? 0) - 2 * perBlock)
  const next = thorough ? expected.length : Math.min(expected.length, from + 6 * perBlock)
  const view = thorough ? await openJournalForReading('/data', { fs }) : null
  const met: Range[] = []
  const journal = await openOn(fs, (range) => met.push(range))
  const { recovery } = journal
  // A sealed segment that another one follows is not read at a start.
  assert.equal(recovery.damaged.length, lost && !torn && kind !== 'followed' ? 1 : 0, what)
  if (kind === 'sealed') assert.equal(recovery.clean, hit?.count !== 0, what)
  if (torn) assert.ok(recovery.tornBytes > 0, what)

  await using reader = journal.read(from)
  const events = linesOf(await drain(reader, next))
  const left = there.slice(from, next).filter(([seq]) => !lost || seq < lost.firstSeq || seq > lost.lastSeq)
  assert.equal(events, linesOf(left), what)
  const told = [...recovery.damaged, ...met]
  assert.deepEqual(
    told.map(({ firstSeq, lastSeq: last }) => ({ firstSeq, lastSeq: last })),
    lost && !torn ? [lost] : [],
    what,
  )
  assert.equal(journal.durableSeq, torn ? lost!.firstSeq : expected.length, what)
  for (const { file } of told) {
    const copy = fs.files(file)[0]?.bytes
    assert.ok(copy?.equals(flipped.subarray(hit!.offset, hit!.end)), what)
  }
  // A damaged body still moves the stream on. A damaged header does not: what was in it is read again, and only that
  // if nothing of the stream lies behind it.
  const moved = torn
    ? blocks - 1
    : isLastEvents && offset < hit.headerEnd && kind !== 'followed'
      ? blocks - 1
      : blocks
  assert.deepEqual(
    journal.liveStreams().map((live) => ({ ...live, descriptor: Buffer.from(live.descriptor) })),
    [{ stream: stream(1), descriptor, position: { offset: moved, ranges: [] } }],
    what,
  )
  await journal[Symbol.asyncDispose]()
  if (!view) return

  // What looks on without the lock saw the same before recovery touched anything.
  await using looking = view.read(0)
  assert.equal(linesOf(await drain(looking)), events, what)
  const again: Range[] = []
  await using later = await openOn(fs, (range) => again.push(range))
  await using rereader = later.read(0)
  assert.equal(linesOf(await drain(rereader)), events, what)
  assert.deepEqual([...later.recovery.damaged, ...again], [], `${what}, told a second time`)
}

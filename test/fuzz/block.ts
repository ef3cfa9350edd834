/**
 * The journal's decoders: whatever the bytes, a segment is read to its end or refused as `journal_format`, and an event
 * that comes out is one that was put in.
 */
import { randomBytes } from 'node:crypto'
import { crc32c } from '@node-rs/crc32'
import { AffiantError } from '../../src/errors.ts'
import { blockMagic, field } from '../../src/journal/block.ts'
import { type BlockHeader, claimedHeaderLength, decodeBody } from '../../src/journal/block-decode.ts'
import { BlockScanner } from '../../src/journal/block-scanner.ts'
import { decompress } from '../../src/journal/compression.ts'
import { findBlocks } from '../../src/journal/find-blocks.ts'
import { KeyRing, parseKey } from '../../src/journal/key-ring.ts'
import { LiveStreams } from '../../src/journal/live-streams.ts'
import { readSegmentHeader, readSnapshot, segmentOf, snapshotAssociated } from '../../src/journal/segment.ts'
import type { SegmentCipher } from '../../src/journal/segment-cipher.ts'
import { encodeSegmentHeader, segmentVersion, snapshotStart } from '../../src/journal/segment-header.ts'
import { verifySegment } from '../../src/journal/verify.ts'
import { encoded, incarnation } from '../journal/encoded-block.ts'
import { batchOf, stream } from '../journal/journal-directory.ts'
import { memoryFile } from '../journal/memory-file.ts'
import type { FuzzTarget } from './target.ts'

const text = (seq: number) => `{"seq":${seq},"pad":"${'ab'.repeat(40)}"}`
const raw = (seq: number) => (seq % 2 === 0 ? `raw ${seq}` : '')
const perBlock = 3
const route = { epoch: 1, routeTable: '00'.repeat(32) }
const keys = new KeyRing([parseKey(randomBytes(32).toString('hex'))])
const encrypted = keys.create(incarnation)

async function segment(version: number, compressed: boolean, cipher: SegmentCipher | null): Promise<Buffer> {
  const streams = new LiveStreams()
  const position = { offset: 5, ranges: [[7, 9]] as const, check: { length: 5, crc: 77, from: 0, sum: 78 } }
  streams.apply({ stream: stream(1), descriptor: Buffer.from('{"inode":7}'), position })
  const plain = version === 1 ? Buffer.alloc(4) : streams.encode()
  const snapshot = cipher ? cipher.sealed(plain, snapshotAssociated(incarnation)) : plain
  const dataStart = Math.ceil((snapshotStart + snapshot.byteLength) / 16) * 16
  const pages = encodeSegmentHeader({
    version,
    incarnation,
    epoch: 1,
    origin: 'affiant/fuzz/1',
    number: 1,
    firstSeq: 0,
    base: 0,
    created: 1_700_000_000_000,
    snapshotLength: snapshot.byteLength,
    snapshotCrc: crc32c(snapshot),
    dataStart,
    routeTable: route.routeTable,
    keyId: cipher ? encrypted.keyId : '00'.repeat(16),
    wrappedKey: cipher ? encrypted.wrappedKey : Buffer.alloc(60),
  })
  const padding = Buffer.alloc(dataStart - snapshotStart - snapshot.byteLength)
  const blocks: Buffer[] = []
  for (let seq = 0; seq < 4 * perBlock; seq += perBlock) {
    const seqs = Array.from({ length: perBlock }, (_, i) => seq + i)
    const batch = batchOf(seqs.map(text), seqs.map(raw))
    const update = { stream: stream(1), descriptor: Buffer.from('d'), position, memo: Buffer.from('m') }
    blocks.push((await encoded(batch, { compressed, cipher, update, firstSeq: seq })).bytes)
  }
  return Buffer.concat([pages, snapshot, padding, ...blocks])
}

const corpus = [
  await segment(1, false, null),
  await segment(segmentVersion, false, null),
  await segment(segmentVersion, true, null),
  await segment(segmentVersion, false, encrypted.cipher),
  await segment(segmentVersion, true, encrypted.cipher),
]
// Without their headers and most of their zeros, so that mutations meet blocks.
const parts = corpus.flatMap((bytes) => [bytes.subarray(8192), bytes.subarray(8192 + 300, -50)])

/** Undefined where the bytes were refused, as those of a later version or of another key are. */
async function unlessRefused<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (thrown) {
    if (thrown instanceof AffiantError && /^journal_(format|key)$/.test(thrown.code)) return undefined
    throw thrown
  }
}

/**
 * The same bytes with checksums that are right, so that what lies behind them is met too. What is encrypted has a tag as
 * well, which can't be made up.
 */
function withGoodChecksums(bytes: Buffer): Buffer {
  const repaired = Buffer.from(bytes)
  for (const at of [0, 4096]) {
    if (at + 4096 <= repaired.byteLength) {
      const snapshot = repaired.subarray(8192, 8192 + repaired.readUInt32LE(at + 72))
      repaired.writeUInt32LE(crc32c(snapshot), at + 76)
      repaired.writeUInt32LE(crc32c(repaired.subarray(at, at + 4092)), at + 4092)
    }
  }
  for (let at = repaired.indexOf(blockMagic); at >= 0; at = repaired.indexOf(blockMagic, at + 1)) {
    const length = claimedHeaderLength(repaired, at, incarnation)
    if (length === 0 || at + length > repaired.byteLength) continue
    const header = repaired.subarray(at, at + length)
    const bodyLength = header.readUInt32LE(field.bodyLength)
    const body = repaired.subarray(at + length, Math.min(repaired.byteLength, at + length + bodyLength))
    header.writeUInt32LE(crc32c(body), field.bodyCrc)
    header.writeUInt32LE(0, field.headerCrc)
    header.writeUInt32LE(crc32c(header), field.headerCrc)
  }
  return repaired
}

type CheckEvents = (header: BlockHeader, body: Buffer) => void

/** Behind checksums that were made up, only what is encrypted is sure to be ours. */
const checkUnlessPlain: CheckEvents = (header, body) => {
  if (header.encrypted) return checkEvents(header, body)
  const { lengths, rawLengths, payload, raw: raws } = decodeBody(header, body, route)
  const sum = (words: Uint32Array) => words.reduce((total, word) => total + word, 0)
  if (sum(lengths) + lengths.length !== payload.byteLength) throw new Error('lengths of events')
  if (sum(rawLengths) !== raws.byteLength) throw new Error('lengths of raw bytes')
}

/** Every event that comes out of a block of ours. */
const checkEvents: CheckEvents = (header, body) => {
  const block = decodeBody(header, body, route)
  let at = 0
  let rawAt = 0
  for (const [i, length] of block.lengths.entries()) {
    const seq = block.firstSeq + i
    const found = block.payload.toString('utf8', at, at + length)
    const foundRaw = block.raw.toString('utf8', rawAt, rawAt + block.rawLengths[i]!)
    if (found !== text(seq) || foundRaw !== raw(seq)) throw new Error(`seq ${seq} is ${found}, ${foundRaw}`)
    at += length + 1
    rawAt += block.rawLengths[i]!
  }
}

async function checkScan(
  bytes: Buffer,
  from: number,
  cipher: SegmentCipher | null,
  check: CheckEvents,
): Promise<void> {
  const limit = bytes.byteLength
  const known = { header: { incarnation, dataStart: from }, cipher }
  const scanner = new BlockScanner(memoryFile(bytes), known)
  let end = from
  for (let next = await scanner.next(limit); next; next = await scanner.next(limit)) {
    if (next.offset !== end) throw new Error(`a gap: ${end} to ${next.offset}`)
    if (next.kind === 'block') check(next.header, next.body)
    end = next.kind === 'damaged' ? next.end : next.offset + next.header.length
    if (end <= next.offset || end > limit) throw new Error(`${next.offset} to ${end} of ${limit}`)
  }
  if (end < limit) throw new Error(`ended at ${end} of ${limit}`)
}

async function checkFind(bytes: Buffer, check: CheckEvents): Promise<void> {
  const cipherOf = () => encrypted.cipher ?? undefined
  for (const cipher of [cipherOf, () => undefined]) {
    let end = 0
    for await (const found of findBlocks(memoryFile(bytes), { cipherOf: cipher })) {
      if (found.offset < end) throw new Error(`${found.offset} lies before ${end}`)
      end = found.kind === 'block' ? found.offset + found.header.length : found.end
      if (found.kind === 'block') check(found.header, found.body)
    }
  }
}

async function checkSegment(bytes: Buffer): Promise<void> {
  const file = memoryFile(bytes)
  const header = await readSegmentHeader(file, 'fuzzed')
  if (!header) return
  const known = segmentOf('', header, keys.open(header, 'fuzzed'), bytes.byteLength, bytes.byteLength)
  const streams = await readSnapshot(file, known)
  if (streams) checkStreams(streams)
  let end = 0
  for await (const range of verifySegment(file, known, null)) {
    if (range.offset < end && range.what !== 'padding') throw new Error(`${range.offset} lies before ${end}`)
    end = Math.max(end, range.end)
  }
}

function checkStreams(streams: LiveStreams): void {
  const again = LiveStreams.decode(streams.encode(), segmentVersion)
  if (JSON.stringify(again?.list()) !== JSON.stringify(streams.list())) throw new Error('not read back')
}

async function checkAll(bytes: Buffer, check: CheckEvents): Promise<void> {
  await unlessRefused(() => checkSegment(bytes))
  for (const cipher of [null, encrypted.cipher]) {
    for (const from of [0, Math.min(8192, bytes.byteLength)]) {
      await unlessRefused(() => checkScan(bytes, from, cipher, check))
    }
  }
  await checkFind(bytes, check)
}

export const block: FuzzTarget = {
  corpus: [...corpus, ...parts],
  async check(bytes) {
    await checkAll(bytes, checkEvents)
    await checkAll(withGoodChecksums(bytes), checkUnlessPlain)
    for (const version of [1, 2]) {
      const streams = LiveStreams.decode(bytes, version)
      if (streams) checkStreams(streams)
    }
    const plain = await decompress(bytes, 1000)
    if (plain && plain.byteLength !== 1000) throw new Error(`${plain.byteLength} bytes`)
  },
}

/**
 * The first two pages of a segment: its header, twice, so that no single damaged page takes 64 MiB with it. Byte by
 * byte in docs/journal-format.md.
 *
 * A segment's header is what proves how far the segment before it goes: `base` is the journal offset of this file's
 * first byte, and everything below `base` was synced before this segment was created. Bytes of the earlier segment
 * at or above it were never acknowledged, or were written again here.
 */
import { crc32c } from '@node-rs/crc32'
import { AffiantError } from '../errors.ts'
import { incarnationLength, readInteger, writeInteger } from './block.ts'
import { keyIdLength, type WrappedKey, wrappedKeyLength } from './key-ring.ts'

const segmentMagic = Buffer.from('ff4146534547fe0a', 'hex')
/** 2: positions have checks, in snapshots too; blocks may be compressed and encrypted. Version 1 is still read. */
export const segmentVersion = 2
export const pageLength = 4096
/** Header and its copy. The snapshot comes next. */
export const snapshotStart = 2 * pageLength

const field = {
  version: 8,
  flags: 10,
  incarnation: 16,
  epoch: 32,
  number: 40,
  firstSeq: 48,
  base: 56,
  created: 64,
  snapshotLength: 72,
  snapshotCrc: 76,
  dataStart: 80,
  routes: 88,
  keyId: 120,
  wrappedKey: 136,
  originLength: 196,
  origin: 198,
  crc: pageLength - 4,
} as const

export interface SegmentHeader extends WrappedKey {
  readonly version: number
  /** Random; in every block of this segment too, so that bytes of an earlier life are never taken for data. */
  readonly incarnation: Buffer
  readonly epoch: number
  /** `affiant/<agent id>/<epoch>`. */
  readonly origin: string
  /** Segments are numbered as they are created, and never again. */
  readonly number: number
  readonly firstSeq: number
  readonly base: number
  /** Unix milliseconds. */
  readonly created: number
  readonly snapshotLength: number
  readonly snapshotCrc: number
  /** File offset of the first block. */
  readonly dataStart: number
  /** SHA-256 (hex) of the route table; zeros when none was set. */
  readonly routeTable: string
}

const longestOrigin = field.crc - field.origin

/** Both pages. */
export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const origin = Buffer.from(header.origin)
  if (origin.byteLength > longestOrigin) throw new RangeError('log origin too long')
  const page = Buffer.alloc(pageLength)
  segmentMagic.copy(page)
  page.writeUInt16LE(header.version, field.version)
  page.set(header.incarnation, field.incarnation)
  writeInteger(page, header.epoch, field.epoch)
  writeInteger(page, header.number, field.number)
  writeInteger(page, header.firstSeq, field.firstSeq)
  writeInteger(page, header.base, field.base)
  writeInteger(page, header.created, field.created)
  page.writeUInt32LE(header.snapshotLength, field.snapshotLength)
  page.writeUInt32LE(header.snapshotCrc, field.snapshotCrc)
  writeInteger(page, header.dataStart, field.dataStart)
  page.write(header.routeTable, field.routes, 32, 'hex')
  page.write(header.keyId, field.keyId, keyIdLength, 'hex')
  page.set(header.wrappedKey, field.wrappedKey)
  page.writeUInt16LE(origin.byteLength, field.originLength)
  page.set(origin, field.origin)
  page.writeUInt32LE(crc32c(page.subarray(0, field.crc)), field.crc)
  return Buffer.concat([page, page])
}

/**
 * The header from the first two pages, from whichever copy is good; null when neither is.
 * @throws AffiantError journal_format: intact, but of a version or with flags that this version does not read
 */
export function decodeSegmentHeader(pages: Buffer): SegmentHeader | null {
  for (let at = 0; at + pageLength <= pages.byteLength; at += pageLength) {
    const page = pages.subarray(at, at + pageLength)
    if (segmentMagic.compare(page, 0, segmentMagic.length) !== 0) continue
    if (crc32c(page.subarray(0, field.crc)) !== page.readUInt32LE(field.crc)) continue
    const header = decodePage(page)
    if (isConsistent(header)) return header
  }
  return null
}

/** A checksum that is right is no reason to allocate what a length says. */
const isConsistent = ({ dataStart, snapshotLength, firstSeq, base, number, epoch }: SegmentHeader): boolean =>
  dataStart >= snapshotStart + snapshotLength && [firstSeq, base, number, epoch].every(Number.isSafeInteger)

function decodePage(page: Buffer): SegmentHeader {
  const version = page.readUInt16LE(field.version)
  const flags = page.readUInt16LE(field.flags)
  if (version < 1 || version > segmentVersion || flags !== 0) {
    throw new AffiantError('journal_format', `segment of version ${version}, flags ${flags}`, {
      hint: 'a newer Affiant wrote this journal; run that version or a later one',
    })
  }
  const originLength = page.readUInt16LE(field.originLength)
  return {
    version,
    incarnation: Buffer.from(page.subarray(field.incarnation, field.incarnation + incarnationLength)),
    epoch: readInteger(page, field.epoch),
    origin: page.toString('utf8', field.origin, field.origin + originLength),
    number: readInteger(page, field.number),
    firstSeq: readInteger(page, field.firstSeq),
    base: readInteger(page, field.base),
    created: readInteger(page, field.created),
    snapshotLength: page.readUInt32LE(field.snapshotLength),
    snapshotCrc: page.readUInt32LE(field.snapshotCrc),
    dataStart: readInteger(page, field.dataStart),
    routeTable: page.toString('hex', field.routes, field.routes + 32),
    keyId: page.toString('hex', field.keyId, field.keyId + keyIdLength),
    wrappedKey: Buffer.from(page.subarray(field.wrappedKey, field.wrappedKey + wrappedKeyLength)),
  }
}

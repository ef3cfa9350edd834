/** Reading block headers back, and the events of an opened body (open-block.ts). Nothing is believed before its checksum. */
import { crc32c } from '@node-rs/crc32'
import { AffiantError } from '../errors.ts'
import type { StreamPosition } from '../event/batch.ts'
import {
  type BlockKind,
  blockAlignment,
  blockFlags,
  blockKinds,
  blockMagic,
  blockVersion,
  field,
  fixedHeaderLength,
  incarnationLength,
  noPosition,
  readCheck,
  readInteger,
  sumLengthOf,
} from './block.ts'
import { largestCompressed } from './compression.ts'
import type { CommittedBlock } from './contract.ts'
import { bytesToWords } from './words.ts'

/** A header whose CRC was right. */
export interface BlockHeader {
  readonly kind: BlockKind
  readonly firstSeq: number
  readonly count: number
  readonly group: number
  readonly durableEnd: number
  readonly durableSeq: number
  readonly observedMin: number
  readonly observedMax: number
  readonly writtenTime: number
  readonly stream: string
  readonly position: StreamPosition | undefined
  /** In an encrypted block as it is stored, until `openHeader` opens it. */
  readonly descriptor: Buffer | undefined
  /** As the descriptor. Lies in the memory that the header was read into. */
  readonly memo: Buffer | undefined
  readonly compressed: boolean
  readonly encrypted: Encrypted | null
  readonly routeWords: number
  readonly headerLength: number
  readonly bodyLength: number
  readonly bodyCrc: number
  readonly indexLength: number
  /** As stored. */
  readonly payloadLength: number
  readonly rawLength: number
  /** In plain. */
  readonly plainPayloadLength: number
  readonly plainRawLength: number
  /** Header, body and padding. */
  readonly length: number
}

interface Encrypted {
  readonly nonce: Buffer
  readonly tag: Buffer
  /** The header's bytes as they were authenticated. */
  readonly associated: Buffer
}

const zeros = Buffer.alloc(4)
const knownFlags = blockFlags.compressed | blockFlags.encrypted | blockFlags.memo
const kinds: readonly number[] = Object.values(blockKinds)

/**
 * How long the header at `at` says it is; 0 when no header of this incarnation begins there. Needs the fixed part
 * only. Not yet checked.
 */
export function claimedHeaderLength(bytes: Buffer, at: number, incarnation: Uint8Array): number {
  if (bytes.byteLength - at < fixedHeaderLength) return 0
  if (blockMagic.compare(bytes, at, at + blockMagic.length) !== 0) return 0
  const theirs = bytes.subarray(at + field.incarnation, at + field.incarnation + incarnationLength)
  if (theirs.compare(incarnation) !== 0) return 0
  const length = bytes.readUInt32LE(at + field.headerLength)
  return length >= fixedHeaderLength ? length : 0
}

/**
 * The header that takes all of `bytes`, or null when it is damaged.
 * @throws AffiantError journal_format: intact, but of a version or with flags that this version does not read
 */
export function decodeHeader(bytes: Buffer): BlockHeader | null {
  const before = crc32c(zeros, crc32c(bytes.subarray(0, field.headerCrc)))
  const crc = crc32c(bytes.subarray(field.headerCrc + 4), before)
  if (crc !== bytes.readUInt32LE(field.headerCrc)) return null
  const version = bytes.readUInt16LE(field.version)
  const flags = bytes.readUInt16LE(field.flags)
  const kind = bytes.readUInt16LE(field.kind)
  if (version !== blockVersion || (flags & ~knownFlags) !== 0 || !isKind(kind)) {
    throw new AffiantError('journal_format', `block of version ${version}, flags ${flags}, kind ${kind}`, {
      hint: 'a newer Affiant wrote this journal; run that version or a later one',
    })
  }
  const header = {
    kind,
    firstSeq: readInteger(bytes, field.firstSeq),
    count: bytes.readUInt32LE(field.count),
    group: bytes.readUInt32LE(field.group),
    durableEnd: readInteger(bytes, field.durableEnd),
    durableSeq: readInteger(bytes, field.durableSeq),
    observedMin: readInteger(bytes, field.observedMin),
    observedMax: readInteger(bytes, field.observedMax),
    writtenTime: readInteger(bytes, field.writtenTime),
    stream: bytes.toString('hex', field.stream, field.stream + 16),
    routeWords: bytes.readUInt16LE(field.routeWords),
    headerLength: bytes.byteLength,
    bodyLength: bytes.readUInt32LE(field.bodyLength),
    bodyCrc: bytes.readUInt32LE(field.bodyCrc),
    indexLength: bytes.readUInt32LE(field.indexLength),
    payloadLength: bytes.readUInt32LE(field.payloadLength),
    rawLength: bytes.readUInt32LE(field.rawLength),
    plainPayloadLength: bytes.readUInt32LE(field.plainPayloadLength),
    plainRawLength: bytes.readUInt32LE(field.plainRawLength),
    compressed: (flags & blockFlags.compressed) !== 0,
    encrypted: (flags & blockFlags.encrypted) !== 0 ? encryptedParts(bytes) : null,
  }
  const total = header.headerLength + header.bodyLength
  const columns = 1 + (header.plainRawLength > 0 ? 1 : 0) + header.routeWords
  const consistent =
    !Number.isNaN(header.firstSeq + header.durableEnd + header.durableSeq) &&
    header.indexLength === 4 * header.count * columns &&
    header.bodyLength === header.indexLength + header.payloadLength + header.rawLength &&
    (header.compressed
      ? header.plainPayloadLength + header.plainRawLength <= largestCompressed
      : header.payloadLength === header.plainPayloadLength && header.rawLength === header.plainRawLength)
  const where = consistent ? decodePosition(bytes, (flags & blockFlags.memo) !== 0) : null
  return where && { ...header, ...where, length: Math.ceil(total / blockAlignment) * blockAlignment }
}

function encryptedParts(bytes: Buffer): Encrypted {
  const associated = Buffer.from(bytes)
  associated.fill(0, field.headerCrc, field.bodyLength)
  associated.fill(0, field.tag, field.check)
  return {
    nonce: Buffer.from(bytes.subarray(field.nonce, field.tag)),
    tag: Buffer.from(bytes.subarray(field.tag, field.check)),
    associated,
  }
}

const isKind = (kind: number): kind is BlockKind => kinds.includes(kind)

function decodePosition(
  bytes: Buffer,
  hasMemo: boolean,
): Pick<BlockHeader, 'position' | 'descriptor' | 'memo'> | null {
  const ranges = bytes.readUInt32LE(field.ranges)
  const descriptorLength = bytes.readUInt32LE(field.descriptor)
  const check = readCheck(bytes, field.check, fixedHeaderLength)
  if (check === null) return null
  const rangesAt = fixedHeaderLength + sumLengthOf(check)
  const descriptorAt = rangesAt + 16 * ranges
  const memoAt = descriptorAt + descriptorLength
  if (hasMemo ? memoAt >= bytes.byteLength : memoAt !== bytes.byteLength) return null
  const descriptor = descriptorLength > 0 ? Buffer.from(bytes.subarray(descriptorAt, memoAt)) : undefined
  const memo = hasMemo ? bytes.subarray(memoAt) : undefined
  if (bytes.readBigUInt64LE(field.offset) === noPosition) return { position: undefined, descriptor, memo }
  const position = {
    offset: readInteger(bytes, field.offset),
    ranges: Array.from({ length: ranges }, (_, i): [number, number] => [
      readInteger(bytes, rangesAt + 16 * i),
      readInteger(bytes, rangesAt + 16 * i + 8),
    ]),
    ...check,
  }
  const numbers = [position.offset, ...position.ranges.flat()]
  return numbers.some(Number.isNaN) ? null : { position, descriptor, memo }
}

/** The events of an opened block. `payload` and `raw` share memory with `body`. */
export function decodeBody(
  header: BlockHeader,
  body: Buffer,
  segment: { readonly epoch: number; readonly routeTable: string },
): CommittedBlock {
  const { count, plainRawLength, indexLength, plainPayloadLength } = header
  const rawAt = indexLength + plainPayloadLength
  const column = 4 * count
  const routesAt = plainRawLength > 0 ? 2 * column : column
  return {
    epoch: segment.epoch,
    routeTable: segment.routeTable,
    firstSeq: header.firstSeq,
    count,
    stream: header.stream,
    lengths: bytesToWords(body.subarray(0, column)),
    rawLengths: plainRawLength > 0 ? bytesToWords(body.subarray(column, 2 * column)) : new Uint32Array(count),
    routes: bytesToWords(body.subarray(routesAt, indexLength)),
    routeWords: header.routeWords,
    payload: body.subarray(indexLength, rawAt),
    raw: body.subarray(rawAt, rawAt + plainRawLength),
    observedMin: header.observedMin,
    observedMax: header.observedMax,
    writtenTime: header.writtenTime,
  }
}

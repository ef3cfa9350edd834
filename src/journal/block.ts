/**
 * A block: what one commit writes from one batch of one stream. Byte by byte in docs/journal-format.md.
 *
 * Invariants
 * - Magic, incarnation, version, flags, header length and header CRC lie where they lie in every version, so that a
 *   later version's block is told from a damaged one.
 * - The header CRC covers the position too: a block whose body is damaged still moves its stream on.
 * - `durableEnd` and `durableSeq` say what was synced before this block was written. They are what recovery believes.
 */
import { crc32c } from '@node-rs/crc32'
import type { EncodedBatch, PositionCheck, StreamPosition, StreamUpdate } from '../event/batch.ts'
import { wordsToBytes } from './words.ts'

/** 0xff and 0xfe occur in no UTF-8 text. */
export const blockMagic = Buffer.from('ff4146424c4bfe0a', 'hex')
export const blockVersion = 1
export const fixedHeaderLength = 192
export const blockAlignment = 16
export const incarnationLength = 16
/** Magic and incarnation: what end-of-data scanning looks for. */
export const needleLength = blockMagic.length + incarnationLength

/** `seal` ends a segment that was closed in good order. */
export const blockKinds = { events: 1, position: 2, seal: 3 } as const
export type BlockKind = (typeof blockKinds)[keyof typeof blockKinds]

/** Offsets of the header's fields. */
export const field = {
  incarnation: 8,
  version: 24,
  flags: 26,
  headerLength: 28,
  headerCrc: 32,
  bodyCrc: 36,
  bodyLength: 40,
  kind: 44,
  routeWords: 46,
  firstSeq: 48,
  count: 56,
  group: 60,
  durableEnd: 64,
  durableSeq: 72,
  observedMin: 80,
  observedMax: 88,
  writtenTime: 96,
  stream: 104,
  offset: 120,
  ranges: 128,
  descriptor: 132,
  indexLength: 136,
  payloadLength: 140,
  rawLength: 144,
  plainPayloadLength: 148,
  plainRawLength: 152,
  nonce: 156,
  tag: 168,
  check: 184,
} as const

export const noPosition = 0xffff_ffff_ffff_ffffn

/** What the journal adds to a batch. */
export interface BlockContext {
  readonly incarnation: Uint8Array
  readonly kind: BlockKind
  readonly firstSeq: number
  readonly group: number
  /** Journal offset that the last finished sync covered. */
  readonly durableEnd: number
  readonly durableSeq: number
  /** Unix milliseconds. */
  readonly writtenTime: number
}

const noBytes = new Uint8Array(0)
const noWords = new Uint32Array(0)

/** A batch without events: for positions and seals. */
export const emptyBatch: EncodedBatch = {
  count: 0,
  payload: noBytes,
  lengths: noWords,
  raw: noBytes,
  rawLengths: noWords,
  routes: noWords,
  routeWords: 0,
  observedMin: 0,
  observedMax: 0,
}

const align = (length: number): number => Math.ceil(length / blockAlignment) * blockAlignment

function headerLength(update: StreamUpdate): number {
  return (
    fixedHeaderLength +
    16 * (update.position?.ranges.length ?? 0) +
    (update.descriptor === undefined ? 0 : update.descriptor.byteLength)
  )
}

function bodyLength(batch: EncodedBatch): number {
  const rawColumn = batch.raw.byteLength > 0 ? 4 * batch.count : 0
  const index = 4 * batch.count + rawColumn + 4 * batch.count * batch.routeWords
  return index + batch.payload.byteLength + batch.raw.byteLength
}

/** Bytes that `encodeBlock` will make, padding included. */
export function blockLength(batch: EncodedBatch, update: StreamUpdate): number {
  return align(headerLength(update) + bodyLength(batch))
}

/** The block as parts to write one after the other. The payload is not copied. */
export function encodeBlock(batch: EncodedBatch, update: StreamUpdate, context: BlockContext): Uint8Array[] {
  const body = [
    wordsToBytes(batch.lengths),
    ...(batch.raw.byteLength > 0 ? [wordsToBytes(batch.rawLengths)] : []),
    ...(batch.routeWords > 0 ? [wordsToBytes(batch.routes)] : []),
    batch.payload,
    batch.raw,
  ].filter((part) => part.byteLength > 0)
  const bodyBytes = bodyLength(batch)
  const header = Buffer.alloc(headerLength(update))
  blockMagic.copy(header)
  header.set(context.incarnation, field.incarnation)
  header.writeUInt16LE(blockVersion, field.version)
  header.writeUInt32LE(header.byteLength, field.headerLength)
  let bodyCrc = 0
  for (const part of body) bodyCrc = crc32c(part, bodyCrc)
  header.writeUInt32LE(bodyCrc, field.bodyCrc)
  header.writeUInt32LE(bodyBytes, field.bodyLength)
  header.writeUInt16LE(context.kind, field.kind)
  header.writeUInt16LE(batch.routeWords, field.routeWords)
  writeInteger(header, context.firstSeq, field.firstSeq)
  header.writeUInt32LE(batch.count, field.count)
  header.writeUInt32LE(context.group, field.group)
  writeInteger(header, context.durableEnd, field.durableEnd)
  writeInteger(header, context.durableSeq, field.durableSeq)
  writeInteger(header, batch.observedMin, field.observedMin)
  writeInteger(header, batch.observedMax, field.observedMax)
  writeInteger(header, context.writtenTime, field.writtenTime)
  header.write(update.stream, field.stream, 16, 'hex')
  header.writeUInt32LE(bodyBytes - batch.payload.byteLength - batch.raw.byteLength, field.indexLength)
  header.writeUInt32LE(batch.payload.byteLength, field.payloadLength)
  header.writeUInt32LE(batch.raw.byteLength, field.rawLength)
  header.writeUInt32LE(batch.payload.byteLength, field.plainPayloadLength)
  header.writeUInt32LE(batch.raw.byteLength, field.plainRawLength)
  writePosition(header, update)
  header.writeUInt32LE(crc32c(header), field.headerCrc)
  const padding = align(header.byteLength + bodyBytes) - header.byteLength - bodyBytes
  return padding > 0 ? [header, ...body, Buffer.alloc(padding)] : [header, ...body]
}

function writePosition(header: Buffer, { position, descriptor }: StreamUpdate): void {
  header.writeBigUInt64LE(position ? BigInt(position.offset) : noPosition, field.offset)
  header.writeUInt32LE(position?.ranges.length ?? 0, field.ranges)
  header.writeUInt32LE(descriptor?.byteLength ?? 0, field.descriptor)
  writeCheck(header, position?.check, field.check)
  const at = position ? writeRanges(header, position, fixedHeaderLength) : fixedHeaderLength
  if (descriptor) header.set(descriptor, at)
}

function writeRanges(target: Buffer, position: StreamPosition, at: number): number {
  for (const [start, end] of position.ranges) {
    writeInteger(target, start, at)
    writeInteger(target, end, at + 8)
    at += 16
  }
  return at
}

/** Eight bytes: whether there is one, its length, its CRC. */
export function writeCheck(target: Buffer, check: PositionCheck | undefined, at: number): void {
  if (!check) return
  target.writeUInt16LE(1, at)
  target.writeUInt16LE(check.length, at + 2)
  target.writeUInt32LE(check.crc, at + 4)
}

/** For a position; nothing where no check was kept, as in all that version 1 wrote. */
export function readCheck(source: Buffer, at: number): { check?: PositionCheck } {
  if (source.readUInt16LE(at) === 0) return {}
  return { check: { length: source.readUInt16LE(at + 2), crc: source.readUInt32LE(at + 4) } }
}

/** Sequence numbers, offsets and times fit in 53 bits; on disk they take 64. */
export function writeInteger(target: Buffer, value: number, at: number): void {
  target.writeUInt32LE(value % 0x1_0000_0000, at)
  target.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4)
}

/** NaN when it does not fit in 53 bits: such a field is never ours. */
export function readInteger(source: Buffer, at: number): number {
  const value = source.readUInt32LE(at + 4) * 0x1_0000_0000 + source.readUInt32LE(at)
  return Number.isSafeInteger(value) ? value : Number.NaN
}

/** Writing blocks: compressed before, then encrypted; the CRCs cover what lies on disk. */
import { randomBytes } from 'node:crypto'
import { crc32c } from '@node-rs/crc32'
import type { EncodedBatch, StreamPosition, StreamUpdate } from '../event/batch.ts'
import {
  type BlockKind,
  blockAlignment,
  blockFlags,
  blockMagic,
  blockVersion,
  descriptorAssociated,
  field,
  fixedHeaderLength,
  memoAssociated,
  noPosition,
  sumLengthOf,
  writeCheck,
  writeInteger,
} from './block.ts'
import type { StoredBytes } from './compression.ts'
import { nonceLength, type SegmentCipher, sealLength } from './segment-cipher.ts'
import { wordsToBytes } from './words.ts'

/** One batch with its part of a stream, on its way to the disk. */
export interface BlockContent {
  readonly batch: EncodedBatch
  readonly update: StreamUpdate
  /** The batch's bytes, compressed; absent: they are stored as they are. */
  stored?: StoredBytes | null
}

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
  /** Of an encrypted segment. */
  readonly cipher: SegmentCipher | null
}

const align = (length: number): number => Math.ceil(length / blockAlignment) * blockAlignment

function headerLength({ position, descriptor, memo }: StreamUpdate, encrypted: boolean): number {
  const stored = (part: Uint8Array | undefined) => (part ? part.byteLength + (encrypted ? sealLength : 0) : 0)
  const ranges = 16 * (position?.ranges.length ?? 0)
  return fixedHeaderLength + sumLengthOf(position) + ranges + stored(descriptor) + stored(memo)
}

function bodyLength({ batch, stored }: BlockContent): number {
  const rawColumn = batch.raw.byteLength > 0 ? 4 * batch.count : 0
  const index = 4 * batch.count + rawColumn + 4 * batch.count * batch.routeWords
  const { payload, raw } = stored ?? batch
  return index + payload.byteLength + raw.byteLength
}

/** Bytes that `encodeBlock` will make, padding included. */
export function blockLength(content: BlockContent, encrypted: boolean): number {
  return align(headerLength(content.update, encrypted) + bodyLength(content))
}

/** The block as parts to write one after the other. The payload is not copied, unless it is encrypted. */
export function encodeBlock(content: BlockContent, context: BlockContext): Uint8Array[] {
  const { batch, update, stored } = content
  const { cipher } = context
  const { payload, raw } = stored ?? batch
  const plainBody = [
    wordsToBytes(batch.lengths),
    ...(batch.raw.byteLength > 0 ? [wordsToBytes(batch.rawLengths)] : []),
    ...(batch.routeWords > 0 ? [wordsToBytes(batch.routes)] : []),
    payload,
    raw,
  ].filter((part) => part.byteLength > 0)
  const bodyBytes = bodyLength(content)
  const header = Buffer.alloc(headerLength(update, cipher !== null))
  blockMagic.copy(header)
  header.set(context.incarnation, field.incarnation)
  header.writeUInt16LE(blockVersion, field.version)
  const flags =
    (stored ? blockFlags.compressed : 0) |
    (cipher ? blockFlags.encrypted : 0) |
    (update.memo ? blockFlags.memo : 0)
  header.writeUInt16LE(flags, field.flags)
  header.writeUInt32LE(header.byteLength, field.headerLength)
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
  header.writeUInt32LE(bodyBytes - payload.byteLength - raw.byteLength, field.indexLength)
  header.writeUInt32LE(payload.byteLength, field.payloadLength)
  header.writeUInt32LE(raw.byteLength, field.rawLength)
  header.writeUInt32LE(batch.payload.byteLength, field.plainPayloadLength)
  header.writeUInt32LE(batch.raw.byteLength, field.plainRawLength)
  writePosition(header, update, cipher)
  const body = cipher ? encryptBody(header, plainBody, cipher) : plainBody
  let bodyCrc = 0
  for (const part of body) bodyCrc = crc32c(part, bodyCrc)
  header.writeUInt32LE(bodyCrc, field.bodyCrc)
  header.writeUInt32LE(crc32c(header), field.headerCrc)
  const padding = align(header.byteLength + bodyBytes) - header.byteLength - bodyBytes
  return padding > 0 ? [header, ...body, Buffer.alloc(padding)] : [header, ...body]
}

/** Authenticates the header as it is now: whole, but for its CRCs and the tag. */
function encryptBody(header: Buffer, body: readonly Uint8Array[], cipher: SegmentCipher): Buffer[] {
  const nonce = randomBytes(nonceLength)
  header.set(nonce, field.nonce)
  const { parts, tag } = cipher.encrypt(body, nonce, header)
  header.set(tag, field.tag)
  return parts
}

function writePosition(
  header: Buffer,
  { stream, position, descriptor, memo }: StreamUpdate,
  cipher: SegmentCipher | null,
): void {
  header.writeBigUInt64LE(position ? BigInt(position.offset) : noPosition, field.offset)
  header.writeUInt32LE(position?.ranges.length ?? 0, field.ranges)
  writeCheck(header, position?.check, field.check, fixedHeaderLength)
  const rangesAt = fixedHeaderLength + sumLengthOf(position)
  const at = position ? writeRanges(header, position, rangesAt) : rangesAt
  const kept = descriptor && cipher ? cipher.sealed(descriptor, descriptorAssociated(stream)) : descriptor
  header.writeUInt32LE(kept?.byteLength ?? 0, field.descriptor)
  if (kept) header.set(kept, at)
  // It takes what is left of the header: its length is written nowhere else.
  if (memo) {
    header.set(cipher ? cipher.sealed(memo, memoAssociated(stream)) : memo, at + (kept?.byteLength ?? 0))
  }
}

function writeRanges(target: Buffer, position: StreamPosition, at: number): number {
  for (const [start, end] of position.ranges) {
    writeInteger(target, start, at)
    writeInteger(target, end, at + 8)
    at += 16
  }
  return at
}

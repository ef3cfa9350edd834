/**
 * A block: what one commit writes from one batch of one stream. Byte by byte in docs/journal-format.md.
 *
 * Invariants
 * - Magic, incarnation, version, flags, header length and header CRC lie where they lie in every version, so that a
 *   later version's block is told from a damaged one.
 * - The header CRC covers the position too: a block whose body is damaged still moves its stream on.
 * - `durableEnd` and `durableSeq` say what was synced before this block was written. They are what recovery believes.
 */
import type { EncodedBatch, PositionCheck } from '../event/batch.ts'

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

/** Of a block's payload and raw bytes; of all its body with descriptor and memo; whether it has a memo. */
export const blockFlags = { compressed: 1, encrypted: 2, memo: 4 } as const

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

/** Bytes of the second part of a position's check: where its sum begins, the sum, zeros. */
const sumLength = 16

/** Bytes that the check takes behind the fixed header. */
export const sumLengthOf = (position: { readonly check?: PositionCheck } | undefined): number =>
  position?.check ? sumLength : 0

/** Eight bytes at `at`: whether there is one, its length, its CRC. If there is, its sum at `sumAt`. */
export function writeCheck(
  target: Buffer,
  check: PositionCheck | undefined,
  at: number,
  sumAt: number,
): void {
  if (!check) return
  target.writeUInt16LE(1, at)
  target.writeUInt16LE(check.length, at + 2)
  target.writeUInt32LE(check.crc, at + 4)
  writeInteger(target, check.from, sumAt)
  target.writeUInt32LE(check.sum, sumAt + 8)
}

/** For a position; nothing where no check was kept, as in all that version 1 wrote. Null: it does not fit. */
export function readCheck(source: Buffer, at: number, sumAt: number): { check?: PositionCheck } | null {
  if (source.readUInt16LE(at) === 0) return {}
  if (sumAt + sumLength > source.byteLength) return null
  const length = source.readUInt16LE(at + 2)
  const crc = source.readUInt32LE(at + 4)
  const from = readInteger(source, sumAt)
  if (Number.isNaN(from)) return null
  return { check: { length, crc, from, sum: source.readUInt32LE(sumAt + 8) } }
}

/** What an encrypted descriptor is authenticated with: it belongs to this stream. */
export const descriptorAssociated = (stream: string): Buffer =>
  Buffer.concat([Buffer.from('descriptor'), Buffer.from(stream, 'hex')])

/** The same of an encrypted memo. */
export const memoAssociated = (stream: string): Buffer =>
  Buffer.concat([Buffer.from('memo'), Buffer.from(stream, 'hex')])

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

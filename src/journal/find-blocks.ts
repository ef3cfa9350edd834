/**
 * Blocks in any bytes: a segment whose header is gone, a copy of damaged bytes, half a file. Whatever begins with a
 * block's magic and has the right checksums is one; its incarnation says which segment it came from.
 */
import { AffiantError } from '../errors.ts'
import { blockMagic, field, fixedHeaderLength, incarnationLength } from './block.ts'
import { type BlockHeader, claimedHeaderLength, decodeHeader } from './block-decode.ts'
import type { OpenFile } from './fs-port.ts'
import { openBody, openHeader } from './open-block.ts'
import type { SegmentCipher } from './segment-cipher.ts'

export type Found =
  | { readonly kind: 'block'; readonly offset: number; readonly header: BlockHeader; readonly body: Buffer }
  /** `header` where that much is good. Zeros are not reported. */
  | {
      readonly kind: 'unreadable'
      readonly offset: number
      readonly end: number
      readonly header: BlockHeader | null
      readonly why: string
    }

const windowLength = 1024 * 1024
/** Ranges and a descriptor: far less than this. */
const longestHeader = 16 * windowLength

export interface FindOptions {
  /** File offset. @default 0 */
  readonly from?: number
  /** What opens the blocks of an incarnation; undefined where that isn't known. */
  readonly cipherOf: (incarnation: Buffer) => SegmentCipher | undefined
}

/** In file order. Each yielded block's body is in plain. */
export async function* findBlocks(
  file: OpenFile,
  { from = 0, cipherOf }: FindOptions,
): AsyncGenerator<Found> {
  const size = await file.size()
  let at = from
  let seen = from
  for (;;) {
    const magicAt = await findMagic(file, at, size)
    const found = magicAt < size ? await blockAt(file, magicAt, size, cipherOf) : null
    if (magicAt < size && !found) {
      at = magicAt + 1
      continue
    }
    yield* unreadable(file, seen, magicAt)
    if (!found) return
    yield found
    seen = found.offset + (found.kind === 'block' ? found.header.length : found.end - found.offset)
    at = seen
  }
}

async function findMagic(file: OpenFile, from: number, size: number): Promise<number> {
  for (let at = from; at < size; at += windowLength) {
    const window = await bytesAt(file, at, Math.min(windowLength + blockMagic.length - 1, size - at))
    const index = window.indexOf(blockMagic)
    if (index >= 0) return at + index
  }
  return size
}

/** Null when no good header begins there. */
async function blockAt(
  file: OpenFile,
  offset: number,
  size: number,
  cipherOf: FindOptions['cipherOf'],
): Promise<Found | null> {
  const fixed = await bytesAt(file, offset, Math.min(fixedHeaderLength, size - offset))
  const incarnation = Buffer.from(fixed.subarray(field.incarnation, field.incarnation + incarnationLength))
  const length = claimedHeaderLength(fixed, 0, incarnation)
  if (length === 0 || length > longestHeader || offset + length > size) return null
  let decoded: BlockHeader | null
  try {
    decoded = decodeHeader(await bytesAt(file, offset, length))
  } catch (error) {
    if (!(error instanceof AffiantError)) throw error
    return { kind: 'unreadable', offset, end: offset + length, header: null, why: error.message }
  }
  if (!decoded) return null
  const cipher = cipherOf(incarnation)
  const end = Math.min(offset + decoded.length, size)
  if (decoded.encrypted && !cipher) {
    return { kind: 'unreadable', offset, end, header: decoded, why: 'encrypted, and its key is not at hand' }
  }
  const header = openHeader(decoded, cipher ?? null)
  const bodyAt = offset + decoded.headerLength
  const stored = bodyAt + decoded.bodyLength <= size ? await bytesAt(file, bodyAt, decoded.bodyLength) : null
  const body = header && stored && (await openBody(header, stored, cipher ?? null))
  if (body) return { kind: 'block', offset, header, body }
  // Its length may lie, or be cut off: what begins within is looked for too.
  return { kind: 'unreadable', offset, end: bodyAt, header: decoded, why: 'its events are damaged' }
}

/** The part of `[start, end)` that isn't zeros at its ends. */
async function* unreadable(file: OpenFile, start: number, end: number): AsyncGenerator<Found> {
  let first = -1
  let last = -1
  for (let at = start; at < end; at += windowLength) {
    const window = await bytesAt(file, at, Math.min(windowLength, end - at))
    const index = window.findIndex((byte) => byte !== 0)
    if (index < 0) continue
    if (first < 0) first = at + index
    last = at + window.findLastIndex((byte) => byte !== 0)
  }
  if (first >= 0) yield { kind: 'unreadable', offset: first, end: last + 1, header: null, why: 'no block' }
}

async function bytesAt(file: OpenFile, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length)
  return bytes.subarray(0, await file.read(bytes, offset))
}

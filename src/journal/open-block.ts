/** From a block as it lies on disk to its plain body: checked, decrypted, decompressed. */
import { crc32c } from '@node-rs/crc32'
import { descriptorAssociated, memoAssociated } from './block.ts'
import type { BlockHeader } from './block-decode.ts'
import { decompress } from './compression.ts'
import type { SegmentCipher } from './segment-cipher.ts'

/**
 * The header with its descriptor and memo in plain; null when it is not one of a segment with this cipher: in an encrypted segment
 * nothing is believed that isn't.
 */
export function openHeader(header: BlockHeader, cipher: SegmentCipher | null): BlockHeader | null {
  if ((header.encrypted === null) !== (cipher === null)) return null
  const { stream, descriptor, memo } = header
  if (!cipher || !(descriptor || memo)) return header
  const opened = descriptor && cipher.unsealed(descriptor, descriptorAssociated(stream))
  const remembered = memo && cipher.unsealed(memo, memoAssociated(stream))
  return opened === null || remembered === null ? null : { ...header, descriptor: opened, memo: remembered }
}

/** Index, payload and raw bytes in plain; null when they are not what was written. */
export async function openBody(
  header: BlockHeader,
  stored: Buffer,
  cipher: SegmentCipher | null,
): Promise<Buffer | null> {
  if (stored.byteLength !== header.bodyLength || crc32c(stored) !== header.bodyCrc) return null
  const decrypted = decryptBody(header, stored, cipher)
  const plain = decrypted && header.compressed ? await decompressBody(header, decrypted) : decrypted
  return plain && indexFits(header, plain) ? plain : null
}

function decryptBody(header: BlockHeader, stored: Buffer, cipher: SegmentCipher | null): Buffer | null {
  if (!header.encrypted) return stored
  const { nonce, tag, associated } = header.encrypted
  return cipher ? cipher.decrypt(stored, nonce, tag, associated) : null
}

async function decompressBody(header: BlockHeader, body: Buffer): Promise<Buffer | null> {
  const { indexLength, payloadLength, plainPayloadLength, plainRawLength } = header
  const rawAt = indexLength + payloadLength
  const payload = await decompress(body.subarray(indexLength, rawAt), plainPayloadLength)
  const raw = payload && (await decompress(body.subarray(rawAt), plainRawLength))
  return raw && Buffer.concat([body.subarray(0, indexLength), payload, raw])
}

/** Whether the lengths of the events add up to the bytes that are there. */
function indexFits({ count, plainPayloadLength, plainRawLength }: BlockHeader, body: Buffer): boolean {
  const column = 4 * count
  if (sum(body, 0, column) + count !== plainPayloadLength) return false
  return plainRawLength === 0 || sum(body, column, 2 * column) === plainRawLength
}

function sum(words: Buffer, start: number, end: number): number {
  let total = 0
  for (let at = start; at < end; at += 4) total += words.readUInt32LE(at)
  return total
}

/** One block as it would lie on disk, taken apart. */
import type { EncodedBatch, StreamUpdate } from '../../src/event/batch.ts'
import { blockKinds } from '../../src/journal/block.ts'
import { type BlockHeader, claimedHeaderLength, decodeHeader } from '../../src/journal/block-decode.ts'
import { encodeBlock } from '../../src/journal/block-encode.ts'
import { compress } from '../../src/journal/compression.ts'
import type { SegmentCipher } from '../../src/journal/segment-cipher.ts'
import { stream } from './journal-directory.ts'

export interface TakenApart {
  readonly bytes: Buffer
  readonly headerBytes: Buffer
  readonly header: BlockHeader
  /** As stored. */
  readonly body: Buffer
}

export const incarnation = Buffer.alloc(16, 0xa5)

export async function encoded(
  batch: EncodedBatch,
  {
    compressed = false,
    cipher = null,
    update = { stream: stream(1), descriptor: Buffer.from('descriptor of a file') },
    firstSeq = 7,
  }: { compressed?: boolean; cipher?: SegmentCipher | null; update?: StreamUpdate; firstSeq?: number } = {},
): Promise<TakenApart> {
  const stored = compressed ? await compress(batch) : null
  const parts = encodeBlock(
    { batch, update, stored },
    {
      incarnation,
      kind: batch.count > 0 ? blockKinds.events : blockKinds.position,
      firstSeq,
      group: 1,
      durableEnd: 8192,
      durableSeq: 7,
      writtenTime: 1_700_000_000_000,
      cipher,
    },
  )
  const bytes = Buffer.concat(parts)
  const headerBytes = bytes.subarray(0, claimedHeaderLength(bytes, 0, incarnation))
  const header = decodeHeader(headerBytes)
  if (!header) throw new Error('not decoded')
  const body = bytes.subarray(header.headerLength, header.headerLength + header.bodyLength)
  return { bytes, headerBytes, header, body }
}

/**
 * zstd, level 1. Batches are compressed in the thread pool while they wait for their turn to be committed; a block whose
 * bytes don't get fewer stays as it is.
 */
import { promisify } from 'node:util'
import { constants, type ZstdOptions, zstdCompress, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import type { EncodedBatch } from '../event/batch.ts'

const options: ZstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
/** Less than this is never worth a frame's overhead. */
const smallest = 128
/** No batch comes near it: a header that claims more is damaged, and takes no memory. Bytes in plain. */
export const largestCompressed = 256 * 1024 ** 2
/** From here on the thread pool does it, so that nothing else waits. */
const inPool = 64 * 1024

const compressInPool = promisify<Uint8Array, ZstdOptions, Buffer>(zstdCompress)
const decompressInPool = promisify<Uint8Array, ZstdOptions, Buffer>(zstdDecompress)

/** A batch's bytes as they are stored. */
export interface StoredBytes {
  readonly payload: Uint8Array
  readonly raw: Uint8Array
}

/** Null where that would save nothing. */
export async function compress({ payload, raw }: EncodedBatch): Promise<StoredBytes | null> {
  const plain = payload.byteLength + raw.byteLength
  if (plain < smallest || plain > largestCompressed) return null
  const [packedPayload, packedRaw] = await Promise.all([
    compressInPool(payload, options),
    raw.byteLength > 0 ? compressInPool(raw, options) : raw,
  ])
  if (packedPayload.byteLength + packedRaw.byteLength >= plain) return null
  return { payload: packedPayload, raw: packedRaw }
}

/** `length` bytes again, or null when it is anything else. Never more memory than `length`, whatever `packed` claims. */
export async function decompress(packed: Buffer, length: number): Promise<Buffer | null> {
  if (length === 0) return packed.byteLength === 0 ? packed : null
  const bounds: ZstdOptions = { maxOutputLength: length, chunkSize: Math.max(64, length) }
  try {
    const plain =
      length < inPool ? zstdDecompressSync(packed, bounds) : await decompressInPool(packed, bounds)
    return plain.byteLength === length ? plain : null
  } catch {
    return null
  }
}

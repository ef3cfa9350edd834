/** Bytes compressed, in the thread pool. */
import { promisify } from 'node:util'
import { constants, gzip, type ZstdOptions, zstdCompress } from 'node:zlib'

const gzipAsync = promisify(gzip)
const zstdAsync = promisify<Uint8Array, ZstdOptions, Buffer>(zstdCompress)

/** What comes out is fetched from the thread pool in pieces, of 16 KiB unless it is said: a hundred ways for an object. */
const smallestPiece = 16 * 1024
const largestPiece = 4 * 1024 ** 2
/** Lines of JSON become a seventh, at the least. */
const pieceOf = ({ length }: Uint8Array): number =>
  Math.min(largestPiece, Math.max(smallestPiece, Math.ceil(length / 6)))

export async function compress(
  plain: Buffer,
  compression: 'none' | 'gzip' | 'zstd',
  level: number,
): Promise<Buffer> {
  const chunkSize = pieceOf(plain)
  switch (compression) {
    case 'none':
      return plain
    case 'gzip':
      return await gzipAsync(plain, { level, chunkSize })
    case 'zstd':
      return await zstdAsync(plain, { chunkSize, params: { [constants.ZSTD_c_compressionLevel]: level } })
  }
}

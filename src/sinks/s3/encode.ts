/** A batch as the bytes of an object. */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, gzip, type ZstdOptions, zstdCompress } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import type { S3SinkConfig } from './config.ts'

const gzipAsync = promisify(gzip)
const zstdAsync = promisify<Uint8Array, ZstdOptions, Buffer>(zstdCompress)

type Compression = S3SinkConfig['compression']

/**
 * The object is the file that its name says, and has no Content-Encoding: some clients would undo that in passing and
 * write plain text to a file called `.gz`, others not.
 */
export const formats = {
  none: { extension: '.ndjson', contentType: 'application/x-ndjson' },
  gzip: { extension: '.ndjson.gz', contentType: 'application/gzip' },
  zstd: { extension: '.ndjson.zst', contentType: 'application/zstd' },
} as const satisfies Record<Compression, { extension: string; contentType: string }>

export async function encodeBody(
  lines: Buffer,
  { compression, compression_level: level }: Pick<S3SinkConfig, 'compression' | 'compression_level'>,
): Promise<Buffer> {
  switch (compression) {
    case 'none':
      return lines
    case 'gzip':
      return await gzipAsync(lines, { level })
    case 'zstd':
      return await zstdAsync(lines, { params: { [constants.ZSTD_c_compressionLevel]: level } })
  }
}

export const sha256Of = (body: Buffer): string => createHash('sha256').update(body).digest('hex')

/** As S3 writes it: base64 of the big-endian bytes. */
export function crc32cOf(body: Buffer): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32c(body))
  return bytes.toString('base64')
}

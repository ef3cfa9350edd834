/** A batch as the bytes of an object. */
import { createHash } from 'node:crypto'
import { crc32c } from '@node-rs/crc32'
import { createParquetEncoder } from '../../parquet/encoder.ts'
import { shapedLines } from '../../shapes/shaped-lines.ts'
import type { DeliveryBatch } from '../sink.ts'
import { compress } from '../transport/compress.ts'
import { highestGzip, type S3SinkConfig } from './config.ts'

type Compression = S3SinkConfig['compression']
type Encoding = Pick<S3SinkConfig, 'format' | 'shape' | 'compression' | 'compression_level'>

interface FileType {
  readonly extension: string
  readonly contentType: string
}

/**
 * The object is the file that its name says, and has no Content-Encoding: some clients would undo that in passing and
 * write plain text to a file called `.gz`, others not.
 */
const lineFiles: Readonly<Record<Compression, FileType>> = {
  none: { extension: '.ndjson', contentType: 'application/x-ndjson' },
  gzip: { extension: '.ndjson.gz', contentType: 'application/gzip' },
  zstd: { extension: '.ndjson.zst', contentType: 'application/zstd' },
}
/** What compresses the pages inside is said inside. */
const parquetFile: FileType = { extension: '.parquet', contentType: 'application/vnd.apache.parquet' }

export const fileTypeOf = ({ format, compression }: Pick<Encoding, 'format' | 'compression'>): FileType =>
  format === 'parquet' ? parquetFile : lineFiles[compression]

/** As the configuration, but that it makes files of this type; the same where that is so already. */
export function encodingAs<E extends Encoding>(config: E, contentType: string): E {
  if (fileTypeOf(config).contentType === contentType) return config
  if (contentType === parquetFile.contentType) return { ...config, format: 'parquet', shape: 'affiant' }
  const all = ['none', 'gzip', 'zstd'] as const
  const compression = all.find((each) => lineFiles[each].contentType === contentType)
  if (compression === undefined) return config
  const most = compression === 'gzip' ? highestGzip : config.compression_level
  return {
    ...config,
    format: 'ndjson',
    compression,
    compression_level: Math.min(config.compression_level, most),
  }
}

export interface BodyEncoder {
  encode(batch: DeliveryBatch): Promise<Buffer>
  close(): Promise<void>
}

export function createBodyEncoder({
  format,
  shape,
  compression,
  compression_level: level,
}: Encoding): BodyEncoder {
  if (format === 'ndjson') {
    return {
      encode: (batch) => compress(shapedLines(batch, shape).lines, compression, level),
      close: async () => undefined,
    }
  }
  const parquet = createParquetEncoder()
  return {
    encode: ({ origin, lines, lengths, seqs }) =>
      parquet.encode({ origin, lines, lengths, seqs, compression, level }),
    close: () => parquet.close(),
  }
}

export const sha256Of = (body: Buffer): string => createHash('sha256').update(body).digest('hex')

/** As S3 writes it: base64 of the big-endian bytes. */
export function crc32cOf(body: Buffer): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32c(body))
  return bytes.toString('base64')
}

/** Files of Parquet, as a reader that is not ours finds them. */
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet'

type Row = Readonly<Record<string, unknown>>

/** Times as unix microseconds, texts that are JSON as texts. */
export async function rowsOf(file: Uint8Array): Promise<Row[]> {
  return await parquetReadObjects({
    file: bufferOf(file),
    compressors: { GZIP: (bytes) => gunzipSync(bytes), ZSTD: (bytes) => zstdDecompressSync(bytes) },
    parsers: { timestampFromMicroseconds: (time: bigint) => time },
  })
}

export const metadataOf = (file: Uint8Array): FileMetaData => parquetMetadata(bufferOf(file))

const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

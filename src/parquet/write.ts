/** Output lines as a Parquet file. Synchronous, and takes as long as it takes: see encoder.ts. */
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer'
import { version } from '../version.ts'
import { columns } from './columns.ts'
import type { ParquetJob } from './job.ts'
import { parquetSchema } from './schema.ts'
import { fitting, readerOf } from './values.ts'

/** What is in memory as columns at once, of a batch of any size; a row takes 5 KB there. */
const GROUP_BYTES = 8 * 1024 ** 2
const GROUP_ROWS = 10_000
/** Bytes of a bound in the statistics: cloud identifiers share long beginnings. */
const BOUND = 64

const codecs = { none: 'UNCOMPRESSED', gzip: 'GZIP', zstd: 'ZSTD' } as const

/** Of these each value is its own: no dictionary. */
const distinct = new Set(['seq', 'id', 'event'])

interface Row {
  readonly origin: string
  readonly seq: number
  readonly line: Buffer
  /** Undefined where the line is no JSON. */
  readonly event: unknown
}

/** What is known without the event. */
const given: Partial<Record<string, (row: Row) => unknown>> = {
  seq: ({ seq }) => BigInt(seq),
  origin: ({ origin }) => origin,
  event: ({ line }) => line,
}

const readers = columns.map(({ name, type, member }) => {
  const read = readerOf(member)
  const convert = fitting[type]
  return {
    valueIn: given[name] ?? (({ event }: Row) => convert(read(event))),
    source: {
      name,
      // A document has no order that a query could use.
      statistics: type !== 'json' && name !== 'event',
      ...(distinct.has(name) && { encoding: 'PLAIN' as const }),
    },
  }
})

/** The same job gives the same bytes. */
export function writeParquet(job: ParquetJob): Uint8Array<ArrayBuffer> {
  const { compression, level } = job
  const writer = new ByteWriter()
  const file = new ParquetWriter({
    writer,
    schema: parquetSchema(),
    codec: codecs[compression],
    compressors: {
      GZIP: (bytes) => gzipSync(bytes, { level }),
      ZSTD: (bytes) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } }),
    },
    statisticsTruncateLength: BOUND,
    kvMetadata: [{ key: 'affiant.schema', value: 'audit-event/1' }],
    createdBy: `affiant version ${version}`,
  })
  // Into memory, nothing is promised.
  for (const group of groupsOf(job.lengths)) {
    void file.write({ columnData: columnsOf(job, group), rowGroupSize: group.to - group.from })
  }
  void file.finish()
  return new Uint8Array(writer.getBuffer())
}

interface Group {
  /** Rows `[from, to)`. */
  readonly from: number
  readonly to: number
  /** Where its lines start. */
  readonly start: number
}

function* groupsOf(lengths: Uint32Array): Generator<Group> {
  let from = 0
  let start = 0
  let at = 0
  for (const [index, length] of lengths.entries()) {
    if (index > from && (at + length - start > GROUP_BYTES || index - from === GROUP_ROWS)) {
      yield { from, to: index, start }
      from = index
      start = at
    }
    at += length + 1
  }
  if (from < lengths.length) yield { from, to: lengths.length, start }
}

function columnsOf({ origin, lines, lengths, seqs }: ParquetJob, { from, to, start }: Group): ColumnSource[] {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength)
  const filled = readers.map((reader) => ({ ...reader, data: Array.from<unknown>({ length: to - from }) }))
  let at = start
  for (let index = from; index < to; index++) {
    const line = bytes.subarray(at, at + (lengths[index] ?? 0))
    at += line.length + 1
    const row = { origin, seq: seqs[index] ?? 0, line, event: parse(line) }
    for (const { data, valueIn } of filled) data[index - from] = valueIn(row)
  }
  return filled.map(({ source, data }) => ({ ...source, data }))
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString())
  } catch {
    return undefined
  }
}

/** The columns in Parquet's terms: the oldest types and encodings that say it, which every engine reads. */
import type { SchemaElement } from 'hyparquet-writer'
import { type ColumnType, columns } from './columns.ts'

const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const

const elements: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  text,
  // As text: what JSON is to Parquet, some engines take for bytes.
  json: text,
  // Spark refuses nanoseconds.
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
}

export function parquetSchema(): SchemaElement[] {
  return [
    { name: 'events', num_children: columns.length },
    ...columns.map(
      ({ name, type, always }): SchemaElement => ({
        name,
        ...elements[type],
        repetition_type: always ? 'REQUIRED' : 'OPTIONAL',
      }),
    ),
  ]
}

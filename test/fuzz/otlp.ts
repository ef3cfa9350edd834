/** OTLP's decoders: whatever the bytes, they give records or say `bad_request`; nothing else, and not without end. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { AffiantError } from '../../src/errors.ts'
import { type DecodedRecord, decodedRecord } from '../../src/event/record.ts'
import { jsonLogsDecoder } from '../../src/receivers/otlp/json-decoder.ts'
import { LineWriter } from '../../src/receivers/otlp/line-writer.ts'
import { decodeProtobufLines, decodeProtobufLogs } from '../../src/receivers/otlp/logs-decoder.ts'
import { request } from '../receivers/otlp/arbitrary-request.ts'
import { encodeRequest } from '../receivers/otlp/oracle.ts'
import type { FuzzTarget } from './target.ts'

/** The records, or null where the body was refused. */
function decode(chunks: () => Iterable<readonly DecodedRecord[]>): DecodedRecord[] | null {
  try {
    return [...chunks()].flat()
  } catch (thrown) {
    if (thrown instanceof AffiantError && thrown.code === 'bad_request') return null
    throw thrown
  }
}

function checkRecords(records: readonly DecodedRecord[], bytes: Buffer): void {
  // What a record says is written as JSON later on.
  const text = JSON.stringify(records)
  if (records.length > bytes.length) throw new Error(`${records.length} records from ${bytes.length} bytes`)
  if (text.length > 1000 * (bytes.length + 1)) throw new Error(`${bytes.length} bytes became ${text.length}`)
}

const memory = Buffer.from(new ArrayBuffer(256 * 1024))

/** The records that are written as lines, read again, with the others. */
function* lines(bytes: Buffer): Generator<DecodedRecord[]> {
  const writer = new LineWriter(bytes, memory)
  for (const chunk of decodeProtobufLines(bytes, writer))
    yield chunk.map((record) => ('start' in record ? decodedRecord(record, writer.lines) : record))
}

function both(bytes: Buffer): void {
  const decoded = decode(() => decodeProtobufLogs(bytes))
  checkRecords(decoded ?? [], bytes)
  if (
    !isDeepStrictEqual(
      decode(() => lines(bytes)),
      decoded,
    )
  )
    throw new Error('lines say something else')
  const decoder = () => jsonLogsDecoder(bytes)()
  const records = decode(decoder)
  checkRecords(records ?? [], bytes)
  // A request that spans chunks is decoded a second time: it must say the same.
  if (records && JSON.stringify(decode(decoder)) !== JSON.stringify(records))
    throw new Error('decoded otherwise')
}

const samples = fc.sample(request, { numRuns: 40, seed: 1 })

export const otlp: FuzzTarget = {
  corpus: samples.flatMap((sample) => [
    encodeRequest(sample.protobuf),
    Buffer.from(JSON.stringify(sample.json)),
  ]),
  check: both,
}

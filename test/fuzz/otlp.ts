/** OTLP's decoders: whatever the bytes, they give records or say `bad_request`; nothing else, and not without end. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { AffiantError } from '../../src/errors.ts'
import { type DecodedRecord, decodedRecord, type TextRecord } from '../../src/event/record.ts'
import { jsonLogsDecoder } from '../../src/receivers/otlp/json-decoder.ts'
import { decodePlainLogs, decodeProtobufLogs } from '../../src/receivers/otlp/logs-decoder.ts'
import { PlainRecords } from '../../src/receivers/otlp/plain-records.ts'
import { request } from '../receivers/otlp/arbitrary-request.ts'
import { encodeRequest } from '../receivers/otlp/oracle.ts'
import type { FuzzTarget } from './target.ts'

type Decoded = DecodedRecord | TextRecord

/** The records, or null where the body was refused. */
function decode(chunks: () => Iterable<readonly Decoded[]>): Decoded[] | null {
  try {
    return [...chunks()].flat()
  } catch (thrown) {
    if (thrown instanceof AffiantError && thrown.code === 'bad_request') return null
    throw thrown
  }
}

function checkRecords(records: readonly Decoded[], bytes: Buffer): void {
  // What a record says is written as JSON later on.
  const text = JSON.stringify(records)
  if (records.length > bytes.length) throw new Error(`${records.length} records from ${bytes.length} bytes`)
  if (text.length > 1000 * (bytes.length + 1)) throw new Error(`${bytes.length} bytes became ${text.length}`)
}

const memory = Buffer.from(new ArrayBuffer(256 * 1024))

/** The records that are laid out, put together again, with the others. */
function* laidOut(bytes: Buffer): Generator<Decoded[]> {
  const plain = new PlainRecords(bytes, memory)
  for (const chunk of decodePlainLogs(bytes, plain))
    yield chunk.map((record) => ('layout' in record ? decodedRecord(record, plain.values) : record))
}

function both(bytes: Buffer): void {
  const decoded = decode(() => decodeProtobufLogs(bytes))
  checkRecords(decoded ?? [], bytes)
  if (
    !isDeepStrictEqual(
      decode(() => laidOut(bytes)),
      decoded,
    )
  )
    throw new Error('what is laid out says something else')
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

/** A batch as an export request. */
import { type LogRecord, recordOf } from '../../shapes/otlp/record.ts'
import { requestJson } from '../../shapes/otlp/request-json.ts'
import type { DeliveryBatch } from '../sink.ts'
import { compress } from '../transport/compress.ts'
import type { OtlpSinkConfig } from './config.ts'
import { encodeProtobuf } from './encode-protobuf.ts'

/** Beside the text of an event: names and values of its attributes. Bytes. */
const ATTRIBUTES = 600

type Options = Pick<OtlpSinkConfig, 'protocol' | 'body' | 'compression'>

/** Not compressed for grpc, whose library does that. */
export async function encodeBody(
  { lines, lengths, count }: DeliveryBatch,
  { protocol, body, compression }: Options,
): Promise<Buffer> {
  const json = protocol === 'http/json'
  let at = 0
  const records = Array.from(lengths, (length) => {
    const line = lines.toString('utf8', at, at + length)
    const bytes = lines.subarray(at, at + length)
    at += length + 1
    return recordOf(line, body === 'structured' ? undefined : json ? line : bytes)
  })
  const groups = groupsOf(records)
  const plain = json
    ? Buffer.from(requestJson(groups))
    : encodeProtobuf(groups, lines.length + count * ATTRIBUTES)
  return await compress(plain, protocol === 'grpc' ? 'none' : compression, 1)
}

/** Records that share a resource. Mostly that is the resource of the one before. */
function groupsOf(records: readonly LogRecord[]): LogRecord[][] {
  const groups = new Map<string, LogRecord[]>()
  let latest: LogRecord[] | undefined
  for (const record of records) {
    const { resource } = record
    const first = latest?.[0]
    if (latest !== undefined && first !== undefined && isSame(first.resource, resource)) {
      latest.push(record)
      continue
    }
    const key = JSON.stringify(resource)
    latest = groups.get(key)
    if (latest === undefined) {
      latest = []
      groups.set(key, latest)
    }
    latest.push(record)
  }
  return [...groups.values()]
}

const isSame = (one: LogRecord['resource'], other: LogRecord['resource']): boolean =>
  one.length === other.length &&
  one.every(([name, value], index) => name === other[index]![0] && value === other[index]![1])

/** A batch as an export request. */
import type { DeliveryBatch } from '../sink.ts'
import { compress } from '../transport/compress.ts'
import type { OtlpSinkConfig } from './config.ts'
import { encodeJson } from './encode-json.ts'
import { encodeProtobuf } from './encode-protobuf.ts'
import { recordOf } from './record.ts'

/** Beside the text of an event: names and values of its attributes. Bytes. */
const ATTRIBUTES = 600

type Options = Pick<OtlpSinkConfig, 'protocol' | 'body' | 'compression'>

/** Not compressed for grpc, whose library does that. */
export async function encodeBody(
  { lines, lengths, count }: DeliveryBatch,
  { protocol, body, compression }: Options,
): Promise<Buffer> {
  let at = 0
  const records = Array.from(lengths, (length) => {
    const line = lines.toString('utf8', at, at + length)
    at += length + 1
    return recordOf(line, body === 'structured')
  })
  const groups = [...Map.groupBy(records, ({ resource }) => JSON.stringify(resource)).values()]
  const plain =
    protocol === 'http/json' ? encodeJson(groups) : encodeProtobuf(groups, lines.length + count * ATTRIBUTES)
  return await compress(plain, protocol === 'grpc' ? 'none' : compression, 1)
}

/** A batch as a request body. Event bytes are copied or compressed, never looked into. */
import type { DeliveryBatch } from '../sink.ts'
import { compress } from '../transport/compress.ts'
import { cloudEvents } from './cloudevents.ts'
import type { HttpSinkConfig } from './config.ts'

const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const COMMA = 0x2c

export const contentTypes = {
  ndjson: 'application/x-ndjson',
  json_array: 'application/json',
  cloudevents: 'application/cloudevents-batch+json',
  single: 'application/json',
} as const satisfies Record<HttpSinkConfig['format'], string>

export async function encodeBody(
  batch: Pick<DeliveryBatch, 'lines' | 'lengths'>,
  {
    format,
    compression,
    compression_level,
  }: Pick<HttpSinkConfig, 'format' | 'compression' | 'compression_level'>,
): Promise<Buffer> {
  return await compress(plainBody(batch, format), compression, compression_level)
}

function plainBody(
  batch: Pick<DeliveryBatch, 'lines' | 'lengths'>,
  format: HttpSinkConfig['format'],
): Buffer {
  switch (format) {
    case 'ndjson':
    case 'single':
      return batch.lines
    case 'json_array':
      return jsonArray(batch)
    case 'cloudevents':
      return cloudEvents(batch)
  }
}

/** The lines' newlines become the commas and the closing bracket. */
function jsonArray({ lines, lengths }: Pick<DeliveryBatch, 'lines' | 'lengths'>): Buffer {
  const body = Buffer.allocUnsafeSlow(lines.length + 1)
  body[0] = OPENING_BRACKET
  lines.copy(body, 1)
  let at = 0
  for (const length of lengths) {
    at += length + 1
    body[at] = COMMA
  }
  body[at] = CLOSING_BRACKET
  return body
}

/** A batch as a request body. Event bytes are copied or compressed, and looked into only where another shape is asked for. */
import { shapedLines } from '../../shapes/shaped-lines.ts'
import type { DeliveryBatch } from '../sink.ts'
import { compress } from '../transport/compress.ts'
import { cloudEvents } from './cloudevents.ts'
import type { HttpSinkConfig } from './config.ts'

const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const COMMA = 0x2c

const contentTypes = {
  ndjson: 'application/x-ndjson',
  json_array: 'application/json',
  cloudevents: 'application/cloudevents-batch+json',
  single: 'application/json',
} as const satisfies Record<HttpSinkConfig['format'], string>

/** CloudEvents have media types of their own: alone, and as an array. */
export function contentTypeOf({ format, shape }: Pick<HttpSinkConfig, 'format' | 'shape'>): string {
  if (shape !== 'cloudevents' || format === 'ndjson') return contentTypes[format]
  return format === 'single' ? 'application/cloudevents+json' : contentTypes.cloudevents
}

export async function encodeBody(
  batch: Pick<DeliveryBatch, 'lines' | 'lengths'>,
  {
    format,
    shape,
    compression,
    compression_level,
  }: Pick<HttpSinkConfig, 'format' | 'shape' | 'compression' | 'compression_level'>,
): Promise<Buffer> {
  return await compress(plainBody(shapedLines(batch, shape), format), compression, compression_level)
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

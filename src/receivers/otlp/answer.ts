/**
 * What OTLP/HTTP answers, in the encoding of the request: `ExportLogsServiceResponse` on success (empty: all
 * records were taken), `google.rpc.Status` on failure.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
 */
import type { AffiantError } from '../../errors.ts'

export type BodyFormat = 'protobuf' | 'json'

export const mediaTypes = { protobuf: 'application/x-protobuf', json: 'application/json' } as const

/** The format that a Content-Type names, parameters aside; undefined when OTLP has none such. */
export function bodyFormat(contentType: string | undefined): BodyFormat | undefined {
  const name = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  if (name === mediaTypes.protobuf) return 'protobuf'
  if (name === mediaTypes.json) return 'json'
  return undefined
}

/** An ExportLogsServiceResponse without `partial_success`. */
export function encodeSuccess(format: BodyFormat): Buffer {
  return format === 'protobuf' ? Buffer.alloc(0) : Buffer.from('{}')
}

/** A record that was not taken in; by its place in the request. */
export interface Rejected {
  readonly index: number
  readonly missing: readonly string[]
}

/** Of more records the answer only says how many. */
const mostNamed = 20

/**
 * An ExportLogsServiceResponse with `partial_success = 1`: `int64 rejected_log_records = 1; string error_message = 2`.
 * A client does not send those again.
 */
export function encodePartialSuccess(rejected: readonly Rejected[], format: BodyFormat): Buffer {
  const text = rejectionText(rejected)
  if (format === 'json') {
    const partialSuccess = { rejectedLogRecords: String(rejected.length), errorMessage: text.toWellFormed() }
    return Buffer.from(JSON.stringify({ partialSuccess }))
  }
  const message = Buffer.from(text)
  const partial = [0x08, ...varint(rejected.length), 0x12, ...varint(message.length)]
  const length = partial.length + message.length
  return Buffer.concat([Buffer.from([0x0a, ...varint(length), ...partial]), message])
}

function rejectionText(rejected: readonly Rejected[]): string {
  const named = rejected
    .slice(0, mostNamed)
    .map(({ index, missing }) => `record ${index} lacks ${missing.join(', ')}`)
  const more = rejected.length - named.length
  return `not taken in, their attribution is incomplete: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

/** A google.rpc.Status: `int32 code = 1; string message = 2`. */
export function encodeStatus(error: AffiantError, format: BodyFormat): Buffer {
  const code = error.definition.grpc
  const text = error.hint === undefined ? error.message : `${error.message}; ${error.hint}`
  if (format === 'json') return Buffer.from(JSON.stringify({ code, message: text.toWellFormed() }))
  const message = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x08, code, 0x12, ...varint(message.length)]), message])
}

function varint(value: number): number[] {
  const bytes: number[] = []
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80)
  bytes.push(value)
  return bytes
}

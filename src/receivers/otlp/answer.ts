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

/** A google.rpc.Status: `int32 code = 1; string message = 2`. */
export function encodeStatus(error: AffiantError, format: BodyFormat): Buffer {
  const code = error.definition.grpc
  const text = error.hint === undefined ? error.message : `${error.message}; ${error.hint}`
  if (format === 'json') return Buffer.from(JSON.stringify({ code, message: text.toWellFormed() }))
  const message = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x08, code, 0x12, ...varint(message.length)]), message])
}

/** Seconds after which a refused client should try again; undefined where trying again is no use. */
export function retryAfter(error: AffiantError): number | undefined {
  if (!error.definition.retryable) return undefined
  // A full journal takes longer to make room than a request takes to finish.
  return error.code === 'overloaded' ? 1 : 5
}

function varint(value: number): number[] {
  const bytes: number[] = []
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80)
  bytes.push(value)
  return bytes
}

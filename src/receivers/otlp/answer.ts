/**
 * What OTLP/HTTP answers, in the encoding of the request: `ExportLogsServiceResponse` on success (empty: all
 * records were taken), `google.rpc.Status` on failure.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
 */
import type { AffiantError } from '../../errors.ts'
import { anyOf, bytesField, varintField } from '../server/protobuf-fields.ts'
import { badRequestType, RefusedRecords } from '../server/refused-records.ts'
import { namesOf, type Rejected } from '../server/rejected.ts'

export type BodyFormat = 'protobuf' | 'json'

export const mediaTypes = { protobuf: 'application/x-protobuf', json: 'application/json' } as const

/** The format that a Content-Type names, parameters aside; undefined when OTLP has none such. */
export function bodyFormat(contentType: string | undefined): BodyFormat | undefined {
  const name = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  if (name === mediaTypes.protobuf) return 'protobuf'
  if (name === mediaTypes.json) return 'json'
  return undefined
}

/**
 * An ExportLogsServiceResponse: without `partial_success` where everything was taken in; otherwise `partial_success = 1`:
 * `int64 rejected_log_records = 1; string error_message = 2`. A client does not send those again.
 */
export function encodeExportResponse(rejected: readonly Rejected[], format: BodyFormat): Buffer {
  if (rejected.length === 0) return format === 'protobuf' ? Buffer.alloc(0) : Buffer.from('{}')
  const text = `not taken in: ${namesOf(rejected)}`
  if (format === 'json') {
    const partialSuccess = { rejectedLogRecords: String(rejected.length), errorMessage: text.toWellFormed() }
    return Buffer.from(JSON.stringify({ partialSuccess }))
  }
  return bytesField(1, Buffer.concat([varintField(1, rejected.length), bytesField(2, text)]))
}

/** A google.rpc.Status: `int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3`. */
export function encodeStatus(error: AffiantError, format: BodyFormat): Buffer {
  const code = error.definition.grpc
  const text = error.hint === undefined ? error.message : `${error.message}; ${error.hint}`
  const refused = error instanceof RefusedRecords ? error : undefined
  if (format === 'json') {
    const details = refused && [{ '@type': badRequestType, fieldViolations: refused.violations }]
    return Buffer.from(JSON.stringify({ code, message: text.toWellFormed(), details }))
  }
  const status = [varintField(1, code), bytesField(2, text)]
  if (refused) status.push(bytesField(3, anyOf(badRequestType, refused.details(Number.POSITIVE_INFINITY))))
  return Buffer.concat(status)
}

/**
 * An error as a call's trailers say it. A passing fault carries `google.rpc.RetryInfo`: clients send again what was
 * answered UNAVAILABLE, and wait as long as it says. https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling
 */
import type { AffiantError } from '../../errors.ts'
import { retryAfter } from './answer.ts'
import { anyOf, bytesField, varintField } from './protobuf-fields.ts'
import { badRequestType, RefusedRecords } from './refused-records.ts'

/** Bounds what a header holds; clients take 8 KiB of headers at least. */
const longestText = 1_000
/** Bytes, before base64. */
const longestDetails = 3_000

export function statusTrailers(error: AffiantError): Record<string, string> {
  const code = error.definition.grpc
  const message = error instanceof RefusedRecords ? error.within(longestText) : error.message
  const text = (error.hint === undefined ? message : `${message}; ${error.hint}`)
    .toWellFormed()
    .slice(0, longestText)
  const trailers: Record<string, string> = {
    'grpc-status': String(code),
    'grpc-message': percentEncoded(text),
  }
  const wait = retryAfter(error)
  const detail =
    wait === undefined
      ? error instanceof RefusedRecords && anyOf(badRequestType, error.details(longestDetails))
      : retryInfo(wait)
  if (detail) {
    // A google.rpc.Status: `int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3`.
    const status = Buffer.concat([varintField(1, code), bytesField(2, text), bytesField(3, detail)])
    trailers['grpc-status-details-bin'] = status.toString('base64')
  }
  return trailers
}

const retryInfo = (seconds: number): Buffer =>
  anyOf('type.googleapis.com/google.rpc.RetryInfo', bytesField(1, varintField(1, seconds)))

/** Everything but printable ASCII, and the percent sign, as its UTF-8 bytes in hex. */
function percentEncoded(text: string): string {
  let encoded = ''
  for (const byte of Buffer.from(text)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}

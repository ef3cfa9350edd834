/** What a client is told of an error, whatever its protocol. */
import { AffiantError, asError, type ErrorCode } from '../../errors.ts'
import { RateLimited } from './rate-limit.ts'

const frameworkCodes: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  415: 'unsupported_media_type',
}

/** Our own errors as they are, the framework's by their status, all else as a defect. */
export function asAnswer(thrown: unknown): AffiantError {
  if (thrown instanceof AffiantError) {
    const { http, retryable } = thrown.definition
    if (http < 500 || retryable) return thrown
  } else {
    const error = asError(thrown)
    const code = 'statusCode' in error ? frameworkCodes[Number(error.statusCode)] : undefined
    if (code) return new AffiantError(code, error.message, { cause: thrown })
  }
  return new AffiantError('internal', 'a defect in the receiver; the request can be sent again', {
    cause: thrown,
  })
}

/** Seconds after which a refused client should try again; undefined where trying again is no use. */
export function retryAfter(error: AffiantError): number | undefined {
  if (error instanceof RateLimited) return error.seconds
  if (!error.definition.retryable) return undefined
  // A full journal takes longer to make room than a request takes to finish.
  return error.code === 'overloaded' ? 1 : 5
}

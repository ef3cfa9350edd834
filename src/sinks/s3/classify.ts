/** What an error of S3 means for a batch: one pure table, by code and status. */
import type { Outcome } from '../sink.ts'

/** What came back from the server. */
export interface Fault {
  /** As S3 names it: `SlowDown`, `NoSuchBucket`. An answer without a body has a name of the SDK's, or none. */
  readonly code: string
  readonly status: number
  readonly message: string
  /** Milliseconds. */
  readonly retryAfter?: number | undefined
}

type Meaning = 'later' | 'overloaded' | 'held' | 'credentials' | 'refused'

/** Codes that mean something else than their status. */
const codes: Readonly<Record<string, Meaning>> = {
  // What was sent did not arrive as it was, or not in time.
  BadDigest: 'later',
  InvalidDigest: 'later',
  IncompleteBody: 'later',
  RequestTimeout: 'later',
  XAmzContentChecksumMismatch: 'later',
  XAmzContentSHA256Mismatch: 'later',
  // The SDK has seen the server's time in this answer, and signs the next request with it.
  RequestTimeTooSkewed: 'later',
  RequestExpired: 'later',
  // Somebody else was at it; or a multipart upload was cleaned up under us, and begins again.
  ConditionalRequestConflict: 'later',
  OperationAborted: 'later',
  NoSuchUpload: 'later',
  InvalidPart: 'later',
  SlowDown: 'overloaded',
  Throttling: 'overloaded',
  ThrottlingException: 'overloaded',
  TooManyRequests: 'overloaded',
  RequestLimitExceeded: 'overloaded',
  BandwidthLimitExceeded: 'overloaded',
  'KMS.ThrottlingException': 'overloaded',
  ExpiredToken: 'credentials',
  ExpiredTokenException: 'credentials',
  InvalidToken: 'credentials',
  TokenRefreshRequired: 'credentials',
  InvalidAccessKeyId: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  AccessDenied: 'credentials',
  EntityTooLarge: 'refused',
}

/** 4xx that no code explains; any other says that a configuration is wrong, and holding loses nothing. */
const statuses: Readonly<Record<number, Meaning>> = {
  // The bucket is about to be found under another name.
  307: 'later',
  401: 'credentials',
  403: 'credentials',
  408: 'later',
  409: 'later',
  413: 'refused',
  425: 'later',
  429: 'overloaded',
  // The server does not know what is asked of it.
  501: 'held',
  503: 'overloaded',
}

function meaningOf({ code, status }: Pick<Fault, 'code' | 'status'>): Meaning {
  const named = Object.hasOwn(codes, code) ? codes[code] : undefined
  // A success that cannot be read, or broke off, is none yet.
  return named ?? statuses[status] ?? (status >= 500 || status < 300 ? 'later' : 'held')
}

export function classifyFault(fault: Fault): Outcome {
  const { code, status, message, retryAfter } = fault
  const said = message === '' || message === code ? '' : `: ${message}`
  const reason = `HTTP ${status}${/^\d*$|^Unknown/.test(code) ? '' : ` ${code}`}${said}`
  const meaning = meaningOf(fault)
  switch (meaning) {
    case 'later':
    case 'overloaded':
      return {
        kind: 'later',
        reason,
        ...(retryAfter !== undefined && { retryAfter }),
        ...(meaning === 'overloaded' && { overloaded: true }),
      }
    case 'held':
    case 'credentials':
      return { kind: 'held', reason }
    case 'refused':
      return { kind: 'refused', reason }
  }
}

/** The credentials may be old ones: they are read anew. A 400 without a known code may be an expired token's answer to HEAD. */
export const doubtsCredentials = (fault: Pick<Fault, 'code' | 'status'>): boolean =>
  meaningOf(fault) === 'credentials' || (fault.status === 400 && !(fault.code in codes))

/** What an answer means for a batch: one pure table for each protocol. */
import type { Outcome } from '../sink.ts'
import type { PartialSuccess } from './response.ts'

/** HTTP statuses of their own; the OTLP specification, "OTLP/HTTP Response". The rest goes by class. */
const byStatus: Readonly<Record<number, Outcome['kind']>> = {
  400: 'refused',
  408: 'later',
  413: 'refused',
  422: 'refused',
  425: 'later',
  429: 'later',
  501: 'held',
}

function kindOfStatus(status: number): Outcome['kind'] {
  const kind = byStatus[status]
  if (kind !== undefined) return kind
  if (status >= 200 && status < 300) return 'accepted'
  // The specification lets clients throw away what is answered with a 500. We do not.
  return status >= 500 ? 'later' : 'held'
}

/** `said`: fit to be quoted. `retryAfter`: milliseconds. */
export function classifyStatus(status: number, said: string, retryAfter: number | undefined): Outcome {
  const kind = kindOfStatus(status)
  if (kind === 'accepted') return { kind }
  const reason = `HTTP ${status}${said === '' ? '' : `: ${said}`}`
  if (kind === 'refused' && status === 413) return { kind, reason, tooLarge: true }
  if (kind !== 'later') return { kind, reason }
  return {
    kind,
    reason,
    ...(retryAfter !== undefined && { retryAfter }),
    ...((status === 429 || status === 503) && { overloaded: true }),
  }
}

/** gRPC status codes, by number; the OTLP specification, "Failures". */
export const codes = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const

const refusing: readonly string[] = ['INVALID_ARGUMENT', 'ALREADY_EXISTS']
const holding: readonly string[] = [
  'NOT_FOUND',
  'PERMISSION_DENIED',
  'FAILED_PRECONDITION',
  'UNIMPLEMENTED',
  'UNAUTHENTICATED',
]

/** What servers and the proxies before them say when a message is too large for them. */
const sizeWords = /larger than max|exceeds? (?:the )?(?:maximum|max|limit)|too large|HTTP status code 413/i

/** `retryInfo`: milliseconds, where the status has it. `count`: records that were sent. */
export function classifyCode(
  code: number,
  said: string,
  retryInfo: number | undefined,
  count: number,
): Outcome {
  const name = codes[code] ?? `code ${code}`
  if (name === 'OK') return { kind: 'accepted' }
  const reason = `${name}${said === '' ? '' : `: ${said}`}`
  if (refusing.includes(name)) return { kind: 'refused', reason }
  if (holding.includes(name)) return { kind: 'held', reason }
  // A proxy's 413 comes as UNKNOWN.
  const tooLarge = sizeWords.test(said) && (name === 'RESOURCE_EXHAUSTED' || name === 'UNKNOWN')
  if (tooLarge) return { kind: 'refused', reason, tooLarge: true }
  if (name === 'RESOURCE_EXHAUSTED' && retryInfo === undefined) {
    // Without a word about when to come again it may be the size: half of it may pass. One event alone is rather met by
    // a quota, and is tried on slowly.
    return count > 1 ? { kind: 'refused', reason, tooLarge: true } : { kind: 'held', reason }
  }
  return {
    kind: 'later',
    reason,
    ...(retryInfo !== undefined && { retryAfter: retryInfo }),
    ...((name === 'RESOURCE_EXHAUSTED' || name === 'UNAVAILABLE') && { overloaded: true }),
  }
}

/** `said`: the message, fit to be quoted. `count`: records that were sent. */
export function classifyPartial({ rejected }: PartialSuccess, said: string, count: number): Outcome {
  // A message alone is a warning.
  if (!(rejected > 0)) return { kind: 'accepted' }
  const reason = `${rejected} of ${count} records rejected${said === '' ? '' : `: ${said}`}`
  // Of all of them nothing was taken; of some nobody knows which, and none may be sent again.
  return rejected >= count ? { kind: 'refused', reason } : { kind: 'refused', reason, which: 'some' }
}

/** What an HTTP answer, or the lack of one, means for a batch: one pure table. */
import type { Outcome } from '../sink.ts'

/** Statuses of their own; the rest goes by class, see `kindOf`. */
const kinds: Readonly<Record<number, Outcome['kind']>> = {
  400: 'refused',
  408: 'later',
  // The same Idempotency-Key is still being worked on.
  409: 'later',
  413: 'refused',
  421: 'later',
  422: 'refused',
  423: 'later',
  424: 'later',
  425: 'later',
  429: 'later',
  501: 'held',
}

/**
 * 2xx is accepted. A redirect is not followed: it would carry events and tokens to a place that nobody configured.
 * Any other 4xx (401, 403, 404, 405, 407, 410, 415 …) says that a configuration is wrong, here or there; unknown
 * ones are taken so too, since holding loses nothing.
 */
function kindOf(status: number): Outcome['kind'] {
  const kind = kinds[status]
  if (kind !== undefined) return kind
  if (status >= 200 && status < 300) return 'accepted'
  return status >= 500 ? 'later' : 'held'
}

export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  /** The `Date` header: `Retry-After` dates are read against the destination's own clock. */
  readonly date: string | undefined
  /** The beginning of the body, or ''. */
  readonly text: string
}

/** `now`: unix milliseconds, where the answer has no date of its own. */
export function classifyAnswer({ status, retryAfter, date, text }: Answer, now: number): Outcome {
  const kind = kindOf(status)
  if (kind === 'accepted') return { kind }
  const said = text === '' ? '' : `: ${text}`
  if (kind !== 'later') return { kind, reason: `HTTP ${status}${redirectNote(status)}${said}` }
  const wait = parseRetryAfter(retryAfter, Date.parse(date ?? '') || now)
  const reason = `HTTP ${status}${said}`
  return wait === undefined ? { kind, reason } : { kind, reason, retryAfter: wait }
}

function redirectNote(status: number): string {
  return status >= 300 && status < 400 ? ' (redirects are not followed)' : ''
}

/** Milliseconds; undefined when there is none. RFC 9110, section 10.2.3: seconds, or a date. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d+$/.test(text)) return Number(text) * 1000
  // `Date.parse` finds a date in almost anything; HTTP's begin with a weekday.
  const date = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Errors of ours: the request itself cannot be made. Everything else on the way can pass. */
const configurationErrors = new Set(['UND_ERR_INVALID_ARG', 'ERR_INVALID_URL', 'ERR_INVALID_CHAR'])

/** Network, DNS, TLS, timeouts: no answer came, so nobody said that the events are at fault. */
export function classifyError(code: string | undefined, message: string): Outcome {
  const reason = code === undefined || message.includes(code) ? message : `${message} (${code})`
  return { kind: configurationErrors.has(code ?? '') ? 'held' : 'later', reason }
}

/** What came back from a destination, and what it says about trying again. */
import { asError, systemCode } from '../../errors.ts'
import type { Outcome } from '../sink.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The body as far as it was asked for. Nothing is concealed in it. */
  readonly bytes: Buffer
  /** The same, as text. */
  readonly text: string
  /** The body was longer than what is kept, or broke off. */
  readonly cut: boolean
}

/** A header's first value. */
export function header({ headers }: Pick<Answer, 'headers'>, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Milliseconds to wait, as the answer asks; undefined when it does not. `now`: unix milliseconds. */
export function retryAfterOf(answer: Pick<Answer, 'headers'>, now: number): number | undefined {
  // A date is read against the destination's own clock.
  return parseRetryAfter(header(answer, 'retry-after'), Date.parse(header(answer, 'date') ?? '') || now)
}

/** Milliseconds; undefined when there is none. RFC 9110, section 10.2.3: seconds, or a date. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d+$/.test(text)) return Number(text) * 1000
  // `Date.parse` finds a date in almost anything; HTTP's begin with a weekday.
  // The oldest of their three forms has no zone, and means GMT.
  const zoned = /[A-Z]{3}$|[+-]\d{4}$/.test(text) ? text : `${text} GMT`
  const date = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(zoned) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Errors of ours: the request itself cannot be made. Everything else on the way can pass. */
const configurationErrors = new Set(['UND_ERR_INVALID_ARG', 'ERR_INVALID_URL', 'ERR_INVALID_CHAR'])

/** Network, DNS, TLS, timeouts: no answer came, so nobody said that the events are at fault. */
export function classifyError(code: string | undefined, message: string): Outcome {
  const reason = code === undefined || message.includes(code) ? message : `${message} (${code})`
  return { kind: configurationErrors.has(code ?? '') ? 'held' : 'later', reason }
}

/** What a request that failed without an answer means. */
export function classifyFailure(thrown: unknown): Outcome {
  const error = innermost(asError(thrown))
  return classifyError(systemCode(error), error.message || error.name)
}

/** `AggregateError` (every address of a host refused) and wrappers say little themselves. */
function innermost(error: Error): Error {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(asError(error.errors[0]))
  return error.cause instanceof Error && error.message === '' ? innermost(error.cause) : error
}

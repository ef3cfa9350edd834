/** What an HTTP answer, or the lack of one, means for a batch: one pure table. */
import type { Outcome } from '../sink.ts'
import { type Answer, retryAfterOf } from '../transport/answer.ts'
import { isGatewayFault } from '../transport/gateway.ts'

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

/** `text`: what is quoted of the answer. `overrides`: what single statuses mean here. `now`: unix milliseconds, where the answer has no date of its own. */
export function classifyAnswer(
  answer: Answer,
  text: string,
  now: number,
  overrides: Readonly<Record<string, Outcome['kind']>> = {},
): Outcome {
  const { status } = answer
  const kind = overrides[status] ?? (isGatewayFault(answer) ? 'held' : kindOf(status))
  if (kind === 'accepted') return { kind }
  const said = text === '' ? '' : `: ${text}`
  if (kind !== 'later') {
    const reason = `HTTP ${status}${redirectNote(status)}${said}`
    return kind === 'refused' && status === 413 ? { kind, reason, tooLarge: true } : { kind, reason }
  }
  const wait = retryAfterOf(answer, now)
  return {
    kind,
    reason: `HTTP ${status}${said}`,
    ...(wait !== undefined && { retryAfter: wait }),
    ...((status === 429 || status === 503) && { overloaded: true }),
  }
}

function redirectNote(status: number): string {
  return status >= 300 && status < 400 ? ' (redirects are not followed)' : ''
}

/**
 * Which pages of browsers may send to a receiver (the CORS protocol of https://fetch.spec.whatwg.org/#http-cors-protocol).
 * Browsers keep pages from reading answers, and from sending what needs a preflight; the rest they send, so a page that is not
 * named is refused here.
 */
import type { IncomingMessage } from 'node:http'
import { AffiantError } from '../../errors.ts'
import type { CorsConfig } from './cors-config.ts'

export type Headers = Readonly<Record<string, string>>

export class Cors {
  readonly #origins: ReadonlySet<string>
  readonly #answered: Headers
  readonly #preflight: Headers

  constructor({ origins, credentials, headers, max_age }: CorsConfig) {
    this.#origins = new Set(origins)
    this.#answered = {
      'access-control-expose-headers': exposed.join(', '),
      ...(credentials && { 'access-control-allow-credentials': 'true' }),
    }
    this.#preflight = {
      'access-control-allow-headers': [...sent, ...headers].join(', '),
      'access-control-max-age': String(Math.floor(max_age / 1000)),
    }
  }

  /** For the answer, whatever it is. Throws `origin_forbidden`; who is no page of a browser says no origin. */
  answered({ headers: { origin } }: IncomingMessage): Headers {
    // A cache may not give one origin's answer to another.
    const vary = { vary: 'Origin' }
    if (origin === undefined) return vary
    if (this.#origins.has('*')) return { 'access-control-allow-origin': '*', ...this.#answered }
    if (this.#origins.has(origin)) {
      return { 'access-control-allow-origin': origin, ...vary, ...this.#answered }
    }
    throw new AffiantError('origin_forbidden', `pages of ${origin.slice(0, 200)} may not send here`, {
      hint: 'name the origin in cors.origins if they should',
    })
  }

  /** For the answer to the question whether a page may send; undefined where that is not asked. `methods`: those of the path. */
  preflight(
    { method, headers }: IncomingMessage,
    methods: readonly string[] | undefined,
  ): Headers | undefined {
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return undefined
    if (headers.origin === undefined || methods === undefined) return undefined
    return { 'access-control-allow-methods': methods.join(', '), ...this.#preflight }
  }
}

/** Of the requests that receivers take. */
const sent = [
  'Authorization',
  'Content-Type',
  'Content-Encoding',
  'Idempotency-Key',
  'X-Splunk-Request-Channel',
] as const

/** Of the answers, beside those that pages may always read. */
const exposed = ['Retry-After', 'WWW-Authenticate'] as const

/** OAuth 2.0 client credentials: RFC 6749, section 4.4. One token at a time, renewed before it ends. */
import { asError } from '../../errors.ts'
import { concealer } from '../transport/conceal.ts'
import { openSecret, type Secret } from '../transport/secret.ts'
import { openTransport, type Transport } from '../transport/transport.ts'
import type { AuthConfig } from './auth-config.ts'
import type { HttpSinkConfig } from './config.ts'

/** A token is not used in its last minute, or its last tenth. Milliseconds. */
const MARGIN = 60_000
/** What a token without `expires_in` is taken for. Milliseconds. */
const UNSAID = 5 * 60_000
const KEPT = 64 * 1024
/** So many tokens are concealed, the latest ones. */
const REMEMBERED = 8

/** The token endpoint does not give a token, for a reason that passes (`later`) or does not. */
export class TokenError extends Error {
  readonly kind: 'later' | 'held'
  constructor(kind: 'later' | 'held', message: string) {
    super(message)
    this.name = 'TokenError'
    this.kind = kind
  }
}

/** A secret like any other: the access token. `close` frees what asks for it. */
export async function openOAuth(
  sink: string,
  config: NonNullable<AuthConfig['oauth2']>,
  { timeout, tls, proxy }: HttpSinkConfig,
): Promise<Secret & { close(): Promise<void> }> {
  const transport = await openTransport({ sink, origin: config.token_url, timeout, tls, proxy })
  const secret = openSecret({ what: `sink ${sink}: auth.oauth2.client_secret`, config: config.client_secret })
  return new AccessToken(config, secret, transport)
}

class AccessToken implements Secret {
  known: readonly string[] = []
  readonly #config: NonNullable<AuthConfig['oauth2']>
  readonly #secret: Secret
  readonly #transport: Transport
  readonly #conceal: (text: string) => string
  readonly #closing = new AbortController()
  /** `performance.now()` from which on it is not used. */
  #until = 0
  #asking: Promise<string> | undefined

  constructor(config: NonNullable<AuthConfig['oauth2']>, secret: Secret, transport: Transport) {
    this.#config = config
    this.#secret = secret
    this.#transport = transport
    this.#conceal = concealer(() => [
      secret.known,
      secret.known.map((text) => basicOf(config.client_id, text)),
      this.known,
    ])
  }

  current(): Promise<string> {
    const [token] = this.known
    if (token !== undefined && performance.now() < this.#until) return Promise.resolve(token)
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  distrust(): void {
    this.#until = 0
    this.#secret.distrust()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#transport.close()
  }

  async #ask(): Promise<string> {
    const { token_url: url, client_id: id, scopes, audience, auth_style: style } = this.#config
    const secret = await this.#secret.current()
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      ...(audience !== undefined && { audience }),
      ...(style === 'body' && { client_id: id, client_secret: secret }),
    })
    const basic = basicOf(id, secret)
    const { pathname, search } = new URL(url)
    const request = {
      method: 'POST',
      path: pathname + search,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...(style === 'basic' && { authorization: `Basic ${basic}` }),
      },
      body: form.toString(),
      keep: KEPT,
    }
    const { status, text } = await this.#request(request)
    if (status !== 200) throw this.#refusal(status, text)
    const { token, lifetime } = readToken(text)
    this.known = [token, ...this.known].slice(0, REMEMBERED)
    this.#until = performance.now() + lifetime - Math.min(MARGIN, lifetime / 10)
    return token
  }

  async #request(request: Parameters<Transport['request']>[0]) {
    try {
      return await this.#transport.request(request, this.#closing.signal)
    } catch (error) {
      throw new TokenError('later', `no answer from ${this.#place}: ${asError(error).message}`)
    }
  }

  #refusal(status: number, text: string): TokenError {
    const kind = status === 408 || status === 429 || status >= 500 ? 'later' : 'held'
    if (kind === 'held') this.#secret.distrust()
    return new TokenError(kind, `${this.#place} gives no token: HTTP ${status}: ${this.#conceal(text)}`)
  }

  get #place(): string {
    return new URL(this.#config.token_url).origin
  }
}

/** RFC 6749, section 2.3.1: both parts are form-encoded before they are joined. */
const basicOf = (id: string, secret: string): string =>
  Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')

/** RFC 6749, section 5.1. Lifetime in milliseconds. */
function readToken(text: string): { token: string; lifetime: number } {
  try {
    const { access_token: token, expires_in: said } = JSON.parse(text) as Readonly<Record<string, unknown>>
    if (typeof token === 'string' && token !== '') {
      // Some servers write the number as a text.
      const seconds = typeof said === 'string' ? Number(said) : said
      return { token, lifetime: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : UNSAID }
    }
  } catch {
    // Said below.
  }
  throw new TokenError('held', 'the token endpoint answers with something that is no token')
}

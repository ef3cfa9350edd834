/**
 * The header `Idempotency-Key`, a text in quotes; without them, as many clients write it, it is taken as well.
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07
 */
import type { IncomingHttpHeaders } from 'node:http'
import { AffiantError } from '../../errors.ts'

/** Undefined where there is none. Throws `bad_request`. */
export function idempotencyKeyIn(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['idempotency-key']
  if (value === undefined) return undefined
  const text = String(value).trim()
  const key = quoted.test(text) ? text.slice(1, -1).replace(/\\(["\\])/g, '$1') : text
  if (bare.test(key)) return key
  throw new AffiantError('bad_request', 'the Idempotency-Key is not 1 to 255 printable ASCII characters', {
    hint: 'use a UUID, in quotes: Idempotency-Key: "8e03978e-40d5-43e8-bc93-6894a57f9324"',
  })
}

const quoted = /^"(?:[^"\\]|\\["\\])*"$/
const bare = /^[\x20-\x7e]{1,255}$/

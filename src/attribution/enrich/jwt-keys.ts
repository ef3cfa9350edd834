/**
 * Public keys of token issuers (JWKS, RFC 7517), and signatures held against them (RFC 7515, 7518, 8037).
 *
 * Why node:crypto: records are normalised in one go, and libraries for tokens only verify asynchronously. What goes
 * wrong with tokens is which algorithm is used: here the key alone says which are possible, never the token, and keys
 * that are shared secrets are refused.
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { algorithmsOf, holds } from '../signature-algorithms.ts'

interface Key {
  readonly kid: string | undefined
  readonly key: KeyObject
  /** Algorithms that it can have signed with. */
  readonly algorithms: readonly string[]
}

export type Keys = readonly Key[]

export interface KeySet {
  readonly keys: Keys
  /** Why keys of it are not used. */
  readonly notes: readonly string[]
}

const mostNotes = 8

/**
 * Keys that are not understood are passed over, as RFC 7517, section 5, has it: an issuer who begins with a new kind of
 * key beside the old ones must not cost anybody the old ones.
 *
 * @throws Error where no key is left
 */
export function readKeys(bytes: Buffer): KeySet {
  const set: unknown = JSON.parse(bytes.toString())
  const written = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined
  if (!Array.isArray(written)) throw new Error('is no JWKS: it has no list "keys"')
  const read = written.map((jwk: unknown, i) => readKey(jwk, `keys[${i}]`))
  const all = read.filter((each) => typeof each === 'string')
  const more = all.length > mostNotes ? [`and ${all.length - mostNotes} more`] : []
  const notes = [...all.slice(0, mostNotes), ...more]
  const keys = read.filter((each) => typeof each !== 'string')
  if (keys.length === 0)
    throw new Error(`has no key to verify a token with${notes.length > 0 ? `: ${notes.join('; ')}` : ''}`)
  return { keys, notes }
}

/** The key, or why it is not used. */
function readKey(jwk: unknown, place: string): Key | string {
  if (typeof jwk !== 'object' || jwk === null) return `${place} is no object`
  const { kty, use, kid, alg } = jwk as Record<string, unknown>
  if (kty === 'oct') return `${place} is a shared secret: tokens are verified with public keys`
  if (use !== undefined && use !== 'sig') return `${place} is not for signatures (use)`
  const key = publicKey(jwk)
  if (key === undefined) return `${place} is no public key that is understood (kty ${shown(kty)})`
  const possible = algorithmsOf(key)
  const algorithms = typeof alg === 'string' ? possible.filter((each) => each === alg) : possible
  if (algorithms.length === 0)
    return `${place} signs with no algorithm that is understood (alg ${shown(alg)})`
  return { kid: typeof kid === 'string' ? kid : undefined, key, algorithms }
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'missing').slice(0, 40)

function publicKey(jwk: object): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk as { kty: string }, format: 'jwk' })
  } catch {
    return undefined
  }
}

/** Whether one of the keys signed it. `signed`: header and payload as they stand in the token, with the dot. */
export function isSigned(
  keys: Keys,
  { alg, kid }: { readonly alg: string; readonly kid: string | undefined },
  signed: string,
  signature: Buffer,
): boolean {
  const data = Buffer.from(signed)
  return keys.some(
    (each) =>
      each.algorithms.includes(alg) &&
      (kid === undefined || each.kid === undefined || each.kid === kid) &&
      holds(alg, each.key, data, signature),
  )
}

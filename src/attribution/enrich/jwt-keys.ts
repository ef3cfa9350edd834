/**
 * Public keys of token issuers (JWKS, RFC 7517), and signatures held against them (RFC 7515, 7518, 8037).
 *
 * Why node:crypto: records are normalised in one go, and libraries for tokens only verify asynchronously. What goes
 * wrong with tokens is which algorithm is used: here the key alone says which are possible, never the token, and keys
 * that are shared secrets are refused.
 */
import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'

interface Key {
  readonly kid: string | undefined
  readonly key: KeyObject
  /** Algorithms that it can have signed with. */
  readonly algorithms: readonly string[]
}

export type Keys = readonly Key[]

/** @throws Error that says which key is wrong */
export function readKeys(bytes: Buffer): Keys {
  const set: unknown = JSON.parse(bytes.toString())
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined
  if (!Array.isArray(keys)) throw new Error('is no JWKS: it has no list "keys"')
  return keys.flatMap((jwk: unknown, i): Key[] => {
    const { kty, use, kid, alg } = jwk as Record<string, unknown>
    if (kty === 'oct') throw new Error(`keys[${i}] is a shared secret: tokens are verified with public keys`)
    // Of others there is no use here.
    if (use !== undefined && use !== 'sig') return []
    const key = publicKey(jwk, i)
    const possible = algorithmsOf(key)
    const algorithms = typeof alg === 'string' ? possible.filter((each) => each === alg) : possible
    return algorithms.length === 0
      ? []
      : [{ kid: typeof kid === 'string' ? kid : undefined, key, algorithms }]
  })
}

function publicKey(jwk: unknown, i: number): KeyObject {
  try {
    return createPublicKey({ key: jwk as { kty: string }, format: 'jwk' })
  } catch (thrown) {
    throw new Error(`keys[${i}] is no public key`, { cause: thrown })
  }
}

const curves: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly string[] {
  switch (asymmetricKeyType) {
    case 'rsa':
      return ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
    case 'ec': {
      const algorithm = curves[asymmetricKeyDetails?.namedCurve ?? '']
      return algorithm === undefined ? [] : [algorithm]
    }
    case 'ed25519':
      return ['EdDSA', 'Ed25519']
    default:
      return []
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

function holds(alg: string, key: KeyObject, data: Buffer, signature: Buffer): boolean {
  const digest = `sha${alg.slice(2)}`
  switch (alg.slice(0, 2)) {
    case 'RS':
      return verify(digest, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
    case 'PS': {
      const padding = constants.RSA_PKCS1_PSS_PADDING
      return verify(digest, data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature)
    }
    case 'ES':
      return verify(digest, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
    default:
      return verify(null, data, key, signature)
  }
}

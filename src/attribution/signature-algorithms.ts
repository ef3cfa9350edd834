/** Signatures by the algorithms of JWA (RFC 7518, section 3; RFC 8037): which a public key can have made, and whether one holds. */
import { constants, type KeyObject, verify } from 'node:crypto'

const curves: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

/** Names of JWA; none for keys that are not understood. */
export function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly string[] {
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

/** `ecdsa`: how r and s are written; JWA has them one behind the other, most other protocols in DER. */
export function holds(
  alg: string,
  key: KeyObject,
  data: Buffer,
  signature: Buffer,
  ecdsa: 'ieee-p1363' | 'der' = 'ieee-p1363',
): boolean {
  const digest = `sha${alg.slice(2)}`
  switch (alg.slice(0, 2)) {
    case 'RS':
      return verify(digest, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
    case 'PS': {
      const padding = constants.RSA_PKCS1_PSS_PADDING
      return verify(digest, data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature)
    }
    case 'ES':
      return verify(digest, data, { key, dsaEncoding: ecdsa }, signature)
    default:
      return verify(null, data, key, signature)
  }
}

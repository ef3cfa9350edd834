/**
 * What `audit.integrity.algorithm` may say, and whether a proof of that kind holds. Names are those of JWA for signatures and
 * of IANA for HMACs, in the spellings that producers use.
 */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { holds } from '../../../attribution/signature-algorithms.ts'

const hmac = /^(?:HMAC[-_]?(?:SHA)[-_]?|HS)(256|384|512)$/i
const signature = /^(?:RS|PS|ES)(?:256|384|512)$/i

/** `HS256`, `RS256`, `PS256`, `ES256`, `EdDSA` and their like; undefined for what is not understood. */
export function algorithmOf(name: string): string | undefined {
  const bits = hmac.exec(name)?.[1]
  if (bits !== undefined) return `HS${bits}`
  if (signature.test(name)) return name.toUpperCase()
  return /^(?:EdDSA|Ed25519)$/i.test(name) ? 'EdDSA' : undefined
}

export const isSymmetric = (algorithm: string): boolean => algorithm.startsWith('HS')

/** HMACs that a secret can have made. */
export const secretAlgorithms: readonly string[] = ['HS256', 'HS384', 'HS512']

/** `algorithm` as `algorithmOf` has it, and one that the key can have: what it is of is never up to the record. */
export function proves(algorithm: string, key: KeyObject, signed: Buffer, proof: Buffer): boolean {
  if (isSymmetric(algorithm)) {
    const expected = createHmac(`sha${algorithm.slice(2)}`, key)
      .update(signed)
      .digest()
    return expected.length === proof.length && timingSafeEqual(expected, proof)
  }
  if (holds(algorithm, key, signed, proof)) return true
  // JWA writes r and s one behind the other; what signs with X.509 at hand writes them in DER.
  return algorithm.startsWith('ES') && proof[0] === derSequence && holds(algorithm, key, signed, proof, 'der')
}

const derSequence = 0x30

/** What a proof's text may stand for: base64 of either alphabet, or hex. None: it is neither. */
export function proofBytes(text: string): Buffer[] {
  const found: Buffer[] = []
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) found.push(Buffer.from(text, 'hex'))
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) found.push(Buffer.from(text, 'base64'))
  return found
}

/** Whether a record's `audit.integrity.value` is what its producer would have made of it. */
import { algorithmOf, isSymmetric, proofBytes, proves } from './algorithms.ts'
import { type Read, textOf, textsOf } from './attributes.ts'
import type { TypedAttributes } from './canonical-record.ts'
import type { Judgement } from './judgement.ts'
import type { ProofKeys } from './keys.ts'

export interface Unproved {
  readonly attributes: TypedAttributes
  readonly resource: TypedAttributes | null
  /** What it can have been signed as, in the order in which they are tried: made when they are. */
  readonly forms: readonly (() => string)[]
}

/**
 * `absent`: there is no proof. `unchecked`: there is one, and nobody here can check it. `verified`: it holds for the text.
 * `failed`: it does not, and there is a key that says so.
 */
export type Proof =
  | { readonly kind: 'absent' | 'unchecked' }
  | { readonly kind: 'verified'; readonly text: string }
  | { readonly kind: 'failed'; readonly certificate: string | undefined; readonly algorithm: string }

/** In characters. An RSA signature of 16,384 bits takes 2,732. */
const longestProof = 8_192

/** Each of them may be held against several keys. */
const mostProofs = 8

const absent: Proof = { kind: 'absent' }
const unchecked: Proof = { kind: 'unchecked' }

export function checkProof(record: Unproved, keys: ProofKeys, judgement: Judgement): Proof {
  const { attributes, resource } = record
  const { faults, warnings, advice } = judgement
  const values = textsOf(attributes, 'audit.integrity.value')
  if (values === undefined) return absent
  const algorithmName = ofResource(record, 'audit.integrity.algorithm')
  const certificate = ofResource(record, 'audit.integrity.certificate')
  const proofs = readProofs(values, faults)
  if (!algorithmName)
    faults.push('audit.integrity.value is set, and its Resource has no audit.integrity.algorithm')
  if (certificate === null) faults.push('audit.integrity.certificate is no string')
  if (!algorithmName || certificate === null || proofs === undefined) return unchecked

  if (resource?.['audit.integrity.algorithm'] === undefined)
    advice.push('audit.integrity.algorithm in the Resource')
  checkSigner(attributes, judgement)
  const scheme = textOf(attributes, 'audit.integrity.canonicalization')
  if (scheme === undefined) advice.push('audit.integrity.canonicalization')
  else if (scheme?.toLowerCase() !== 'jcs') {
    warnings.push(
      `its signature was not checked: audit.integrity.canonicalization is ${shown(scheme)}, and only jcs is understood`,
    )
    return unchecked
  }

  const algorithm = algorithmOf(algorithmName)
  if (algorithm !== undefined && isSymmetric(algorithm) && certificate !== undefined)
    warnings.push('audit.integrity.certificate is set beside an HMAC, which has none')
  const found = keys.find(certificate)
  if (found.length === 0) {
    const whose =
      certificate === undefined ? 'records that name no certificate' : `the certificate ${shown(certificate)}`
    warnings.push(`its signature was not checked: there is no key for ${whose}`)
    return unchecked
  }
  // With a certificate the key decides; without one it is any of those that could have been used.
  const usable = found.filter((key) => algorithm !== undefined && key.algorithms.includes(algorithm))
  if (usable.length === 0 && certificate === undefined) {
    warnings.push(`its signature was not checked: there is no key for the algorithm ${shown(algorithmName)}`)
    return unchecked
  }
  for (const form of usable.length > 0 ? record.forms : []) {
    const text = form()
    const signed = Buffer.from(text)
    const holds = usable.some(({ key }) => proofs.some((proof) => proves(algorithm!, key, signed, proof)))
    if (holds) return { kind: 'verified', text }
  }
  faults.push(
    usable.length === 0
      ? `its signature fails: the key of the certificate ${shown(certificate)} is of another kind than ${shown(algorithmName)}`
      : `its signature fails (${shown(algorithmName)})`,
  )
  return { kind: 'failed', certificate, algorithm: algorithmName }
}

/** Undefined where they are none, which is a fault. */
function readProofs(values: readonly string[] | null, faults: string[]): readonly Buffer[] | undefined {
  if (values === null || values.length === 0) {
    faults.push('audit.integrity.value is no string')
    return undefined
  }
  if (values.length > mostProofs) {
    faults.push(`audit.integrity.value lists more than ${mostProofs}`)
    return undefined
  }
  const proofs = values.map((value) => (value.length > longestProof ? [] : proofBytes(value)))
  if (proofs.every((each) => each.length > 0)) return proofs.flat()
  faults.push(`audit.integrity.value is no base64, or longer than ${longestProof} characters`)
  return undefined
}

/** What is the same for all records of a sender stands in its Resource; early drafts had it in each record. */
function ofResource({ resource, attributes }: Unproved, name: string): Read<string> {
  return (resource && textOf(resource, name)) ?? textOf(attributes, name)
}

function checkSigner(attributes: TypedAttributes, { advice, warnings }: Judgement): void {
  const signers = textsOf(attributes, 'audit.integrity.signer')
  if (signers === undefined) advice.push('audit.integrity.signer')
  else if (!signers?.every((each) => each === 'producer' || each === 'collector'))
    warnings.push('audit.integrity.signer is neither producer nor collector')
}

/** What came, short enough for a sentence. */
const shown = (text: string | null | undefined) => {
  if (text === null || text === undefined) return 'no string'
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

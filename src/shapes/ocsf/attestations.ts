/**
 * OCSF 1.9's record integrity profile. Attested are the canonical bytes of the event that is carried along (RFC 8785), by
 * their hash and their place in the agent's log; and the producer's own proof of its record, where it sent one.
 */
import { createHash } from 'node:crypto'
import { compact, type Members, present } from '../absent.ts'
import { type Line, parseLine } from '../line.ts'

const sha256 = { algorithm_id: 3, algorithm: 'SHA-256' } as const
const hex = { encoding_id: 1, encoding: 'Hex' } as const
const jcs = { serialization_id: 2, serialization: 'JCS' } as const

/** `line`: what is carried; its first `log.size - 1` bytes and a brace are the canonical ones. */
export function attestationsOf(event: Line, line: string): Members[] {
  return compact([ownOf(event, line), producersOf(event)])
}

/** Whether one of a document's attestations is ours, and of another event than the one that it carries. */
export function isBelied(attestations: unknown, line: string): boolean {
  const own = ownOf(parseLine(line), line)
  if (own === undefined || !Array.isArray(attestations)) return false
  const { uid, fingerprint } = own
  const same = (attestations as readonly Members[]).find((each) => each?.uid === uid)
  return same !== undefined && (same.fingerprint as Members | undefined)?.value !== fingerprint.value
}

function ownOf({ log, provenance }: Line, line: string) {
  if (log === undefined) return undefined
  const canonical = Buffer.from(line).subarray(0, log.size - 1)
  const value = createHash('sha256').update(canonical).update('}').digest('hex')
  return {
    uid: `${log.origin}/${log.seq}`,
    authority_uid: `affiant/${provenance.agent}`,
    chain_uid: log.origin,
    fingerprint: { ...sha256, ...hex, ...jcs, value },
  }
}

/** `digital_signature.algorithm_id` and its caption, by how names of algorithms begin. */
const algorithms: readonly (readonly [RegExp, number, string])[] = [
  [/^(?:ecdsa|es\d)/i, 3, 'ECDSA'],
  [/^(?:rsa|[rp]s\d)/i, 2, 'RSA'],
  [/^dsa/i, 1, 'DSA'],
]

function producersOf({ integrity, source_event_id: id }: Line): Members | undefined {
  const { algorithm, value, signer, canonicalization, certificate, sequence, verified } = integrity ?? {}
  if (value === undefined) return undefined
  const [, algorithmId, caption] = algorithms.find(([name]) => name.test(algorithm ?? '')) ?? []
  const isJcs = canonicalization !== undefined && /jcs|8785/i.test(canonicalization)
  const previous = sequence?.previous_record_id
  return present({
    uid: id,
    authority_uid: signer,
    chain_uid: sequence?.stream_id,
    signatures: [
      {
        algorithm_id: algorithmId ?? (algorithm === undefined ? 0 : 99),
        algorithm: caption ?? algorithm ?? 'Unknown',
        ...(canonicalization !== undefined && {
          serialization_id: isJcs ? 2 : 99,
          serialization: isJcs ? 'JCS' : canonicalization,
        }),
        ...(verified === true && { state_id: 1, state: 'Valid' }),
        ...(verified === false && { state_id: 9, state: 'Bad' }),
        digest: { algorithm_id: 99, algorithm: algorithm ?? 'signature', value },
        ...(certificate !== undefined && { developer_uid: certificate }),
      },
    ],
    prev_event:
      previous === undefined
        ? undefined
        : present({
            uid: previous,
            fingerprint:
              sequence?.previous_hash === undefined
                ? undefined
                : { algorithm_id: 0, algorithm: 'Unknown', value: sequence.previous_hash },
          }),
  })
}

/** What happens to a server that must be on record: the agent makes events of it. */
import type { Refusal } from './refusals.ts'

export type ServerNotice = { readonly receiver: string } & (
  | CertificateLoaded
  | CertificateRefused
  | KeysLoaded
  | KeysRefused
  | Unauthenticated
  | ConnectionRefused
  | MessagesLost
  | SignatureFailed
  | ChainFinding
  | OutOfScope
)

/** A certificate that was put in the place of another is served from here on. */
interface CertificateLoaded {
  readonly kind: 'certificate_loaded'
  /** Where it is served. */
  readonly listen: string
  readonly certificate: CertificateFacts
}

/** It cannot be used: the one before is served on. */
interface CertificateRefused {
  readonly kind: 'certificate_refused'
  readonly listen: string
  readonly reason: string
}

/** Keys that signatures of the audit signal are checked with were replaced. */
interface KeysLoaded {
  readonly kind: 'keys_loaded'
  /** Ids of those that are others now. */
  readonly keys: readonly string[]
}

/** They cannot be used: those before are. */
interface KeysRefused {
  readonly kind: 'keys_refused'
  readonly reason: string
}

/** Messages that came, and could not be kept; their senders cannot be told. */
interface MessagesLost {
  readonly kind: 'messages_lost'
  /** Where it listens. */
  readonly listen: string
  readonly reason: LossReason
  readonly messages: number
}

/** `queue_full`: they came faster than the journal takes them. `stopped`: it took nothing when the receiver stopped. */
export type LossReason = 'queue_full' | 'stopped'

/** What is said of a certificate. */
export interface CertificateFacts {
  /** Of its DER form, hex. */
  readonly sha256: string
  /** RFC 3339. */
  readonly expires: string
}

/** A request without a credential that is known. */
interface Unauthenticated {
  readonly kind: 'unauthenticated'
  readonly ip: string | undefined
  readonly reason: string
}

/** Records that were not taken in, since their credential may not deliver such. */
interface OutOfScope {
  readonly kind: 'out_of_scope'
  readonly ip: string | undefined
  readonly authId: string | undefined
  readonly records: number
  /** Of the first of them. */
  readonly scope: string
}

/** A connection that was turned away. */
interface ConnectionRefused extends Refusal {
  readonly kind: 'refused'
}

/** Signatures of records that do not hold: their request was refused, and nothing of it is kept but this. */
export interface SignatureFailed {
  readonly kind: 'signature_failed'
  readonly peer: Peer
  readonly count: number
  /** The first of them, by their index in the request. */
  readonly records: readonly {
    readonly index: number
    readonly id: string | undefined
    readonly certificate?: string | undefined
    readonly algorithm?: string
  }[]
}

/** `chain_gap`: records of a producer's chain never came. `chain_violated`: what it says of those that came is not so. */
export interface ChainFinding {
  readonly kind: 'chain_gap' | 'chain_violated'
  readonly peer: Peer
  /** `audit.sequence.stream_id`, where there is one. */
  readonly stream: string | undefined
  /** `audit.record.id` of the record that shows it. */
  readonly record: string
  readonly number: string | undefined
  readonly what: string
}

interface Peer {
  readonly ip?: string
  readonly auth_id?: string
}

export type Notify = (notice: ServerNotice) => void

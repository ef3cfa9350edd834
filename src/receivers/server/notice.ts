/** What happens to a server that must be on record: the agent makes events of it. */
import type { Refusal } from './refusals.ts'

export type ServerNotice = { readonly receiver: string } & (
  | CertificateLoaded
  | CertificateRefused
  | Unauthenticated
  | ConnectionRefused
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

/** A connection that was turned away. */
interface ConnectionRefused extends Refusal {
  readonly kind: 'refused'
}

export type Notify = (notice: ServerNotice) => void

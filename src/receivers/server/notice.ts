/** What happens to a server that must be on record: the agent makes events of it. */
export type ServerNotice = {
  readonly receiver: string
  /** Where it listens. */
  readonly listen: string
} & (CertificateLoaded | CertificateRefused)

/** A certificate that was put in the place of another is served from here on. */
interface CertificateLoaded {
  readonly kind: 'certificate_loaded'
  readonly certificate: CertificateFacts
}

/** It cannot be used: the one before is served on. */
interface CertificateRefused {
  readonly kind: 'certificate_refused'
  readonly reason: string
}

/** What is said of a certificate. */
export interface CertificateFacts {
  /** Of its DER form, hex. */
  readonly sha256: string
  /** RFC 3339. */
  readonly expires: string
}

export type Notify = (notice: ServerNotice) => void

/** Credentials as they are configured, and what each entitles to. */
import type { ScopePath } from '../../event/scope-path.ts'

interface Entitlement {
  /** Bytes per second. */
  readonly rate?: number | undefined
  /** What it may deliver. Undefined: anything. */
  readonly allow_scopes?: readonly ScopePath[] | undefined
}

export interface AuthConfig {
  readonly bearer?: readonly BearerToken[] | undefined
  readonly basic?: readonly BasicUser[] | undefined
  readonly certificate?: readonly NamedCertificate[] | undefined
}

interface BearerToken extends Entitlement {
  readonly id: string
  /** Hex. */
  readonly hash: string
}

export interface BasicUser extends Entitlement {
  readonly user: string
  /** As `hashPassword` makes it. */
  readonly hash: string
}

interface NamedCertificate extends Entitlement {
  /** The common name of its subject. */
  readonly name: string
}

/** `id` is `provenance.peer.auth_id` of what it delivers. */
export const entitledBy = ({
  bearer = [],
  basic = [],
  certificate = [],
}: AuthConfig): readonly (Entitlement & { readonly id: string })[] => [
  ...bearer,
  ...basic.map((user) => ({ ...user, id: user.user })),
  ...certificate.map((one) => ({ ...one, id: one.name })),
]

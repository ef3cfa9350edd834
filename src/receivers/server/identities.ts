/** Who is at the other end of a connection, and what he may deliver: one for all servers of a receiver. */
import type { Socket } from 'node:net'
import { AffiantError } from '../../errors.ts'
import type { ScopePath } from '../../event/scope-path.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { type Credentials, createCredentials, UnknownCredential } from './credentials.ts'
import { type AuthConfig, entitledBy } from './entitled.ts'
import type { Peer } from './intake-stream.ts'
import type { Notify } from './notice.ts'
import { socketPeer } from './socket-peer.ts'

export interface IdentitiesOptions {
  readonly receiver: string
  /** Absent: nobody is asked. */
  readonly auth: AuthConfig | undefined
  readonly metrics: Metrics
  readonly notify: Notify
}

export class Identities {
  readonly #options: IdentitiesOptions
  readonly #credentials: Credentials | undefined
  /** What each may deliver, of those that may not deliver everything. */
  readonly #scopes: ReadonlyMap<string, readonly ScopePath[]>

  constructor(options: IdentitiesOptions) {
    this.#options = options
    const { auth } = options
    this.#credentials = auth && createCredentials(auth)
    this.#scopes = new Map(
      entitledBy(auth ?? {}).flatMap(({ id, allow_scopes: scopes }) => (scopes ? [[id, scopes]] : [])),
    )
  }

  /** What `WWW-Authenticate` says where a credential is asked for. */
  get challenges(): readonly string[] {
    return this.#credentials?.challenges ?? []
  }

  /**
   * `authorization` as `Credentials` ask for it. Rejects with `unauthenticated`, which is counted, and told of, or with
   * `overloaded`.
   */
  async identify(authorization: () => string | undefined, socket: Socket): Promise<Peer> {
    // Once a password has been looked at, the connection may be gone.
    const peer = socketPeer(socket)
    if (this.#credentials === undefined) return peer
    const { ip } = peer
    try {
      const id = await this.#credentials.identify(authorization, peer.auth_id)
      const scopes = this.#scopes.get(id)
      return { ...(ip && { ip }), auth_id: id, ...(scopes && { scopes }) }
    } catch (thrown) {
      if (thrown instanceof AffiantError && thrown.code === 'unauthenticated') this.#tell(thrown, ip)
      throw thrown
    }
  }

  #tell(error: AffiantError, ip: string | undefined): void {
    const { receiver, metrics, notify } = this.#options
    const reason = error instanceof UnknownCredential ? 'unknown' : 'missing'
    metrics.unauthenticated.inc({ receiver, reason })
    notify({ kind: 'unauthenticated', receiver, ip, reason: error.message })
  }
}

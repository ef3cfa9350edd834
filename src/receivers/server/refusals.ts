/**
 * Connections that a server turns away before anybody can say who he is. Who leaves by himself (a health check that only
 * connects, a scanner) was not turned away, and is not told of.
 */
import type { DropArgument, Server, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { systemCode } from '../../errors.ts'

export interface Refusal {
  /**
   * `certificate`: the client showed none, or one that `client_ca` did not sign. `tls`: there is no TLS that both speak, or
   * the client does not take our certificate. `timeout`: the handshake took too long. `max_connections`: there are too many.
   * `max_in_flight`: they hold as much as they may, all of it of messages that are not whole, and this one had stood still
   * for longest.
   */
  readonly reason: 'certificate' | 'tls' | 'timeout' | 'max_connections' | 'max_in_flight'
  /** The code that says it more exactly. */
  readonly detail?: string
  readonly ip: string | undefined
}

export function watchRefusals(server: Server, told: (refusal: Refusal) => void): void {
  // Asked for once, an address is known as long as its socket is; later, the connection may be gone.
  server.on('connection', (socket: Socket) => void socket.remoteAddress)
  server.on('drop', (dropped?: DropArgument) =>
    told({ reason: 'max_connections', ip: dropped?.remoteAddress }),
  )
  server.on('tlsClientError', (error: Error, socket: Carried) => {
    const refusal = refusalOf(systemCode(error), socket.authorizationError)
    if (refusal) told({ ...refusal, ip: socket.remoteAddress ?? socket._parent?.remoteAddress })
  })
}

/** The TCP connection below, where Node tells: of one that it has closed, it alone knows the address. */
type Carried = TLSSocket & { readonly _parent?: Socket | null }

/** What is wrong with a client's certificate is known only from `authorizationError`: the error is that of a hang-up. */
function refusalOf(code: string | undefined, authorizationError: unknown): Omit<Refusal, 'ip'> | undefined {
  // A code, whatever its type says.
  if (typeof authorizationError === 'string') return { reason: 'certificate', detail: authorizationError }
  if (code === undefined || leftByItself.has(code)) return undefined
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE') return { reason: 'certificate', detail: code }
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return { reason: 'timeout' }
  return { reason: 'tls', detail: code }
}

const leftByItself: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT'])

/** Who is at the other end of a connection, as far as that says it. */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Peer } from './intake-stream.ts'

/** Its address, and the subject of its certificate where one was asked for and checked. */
export function socketPeer(socket: Socket): Peer {
  const ip = socket.remoteAddress && peerAddress(socket.remoteAddress)
  const name = certificateName(socket)
  return { ...(ip && { ip }), ...(name && { auth_id: name }) }
}

/** An IPv4 client of a socket that also takes IPv6 is one of IPv4. */
export const peerAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '')

function certificateName(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const name = socket.getPeerCertificate().subject?.CN
  return Array.isArray(name) ? name[0] : name
}

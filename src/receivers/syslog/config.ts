/** `receivers.<name>` with `type: syslog`. */
import { z } from 'zod'
import { receiverOnMissing } from '../../attribution/config.ts'
import { address, durationFrom, size, sizeFrom } from '../../config/values.ts'
import { certificateAuth, certificatesAreAsked } from '../server/auth-config.ts'
import { listenerConfig } from '../server/config.ts'
import { recordConfig } from '../server/record-config.ts'

const tcp = z.strictObject({
  listen: address()
    .prefault('127.0.0.1:5514')
    .describe('Address of syslog over TCP; port 0 lets the system choose'),
  tls: listenerConfig.tls,
  insecure: listenerConfig.insecure,
  max_connections: listenerConfig.max_connections,
  idle_timeout: durationFrom('10ms', '30d')
    .prefault('1d')
    .describe(
      'A connection on which nothing comes for so long is closed. Syslog has no answers: a sender that notices late loses a message',
    ),
})

const udp = z.strictObject({
  listen: address()
    .prefault('127.0.0.1:5514')
    .describe('Address of syslog over UDP; port 0 lets the system choose'),
  insecure: z
    .boolean()
    .default(false)
    .describe('Listen where others reach it: over UDP nobody can be asked who they are'),
  max_queue: sizeFrom('64KiB', '1GiB')
    .prefault('16MiB')
    .describe('Bytes of datagrams that wait for the journal; what comes beyond is dropped, and counted'),
})

/** Bytes that are left to the connections. */
export const heldByConnections = (config: {
  readonly max_in_flight: number
  readonly udp?: { readonly max_queue: number } | undefined
}): number => config.max_in_flight - (config.udp?.max_queue ?? 0)

export const syslogReceiverConfig = z
  .strictObject({
    type: z.literal('syslog'),
    tcp: tcp.optional().describe('Syslog over TCP or TLS; listens where neither it nor `udp` is said'),
    udp: udp.optional().describe('Syslog over UDP'),
    auth: certificateAuth,
    max_message: sizeFrom('480B', '1MiB')
      .prefault('64KiB')
      .describe('Longest message; of a longer one the head is kept, with its size and hash'),
    max_in_flight: size()
      .prefault('128MiB')
      .describe(
        'Bytes of messages held at a time, over all connections, with `udp.max_queue` set aside of it; at it no connection is read',
      ),
    ...recordConfig('syslog'),
    // There is no answer that could name what was refused.
    on_missing: receiverOnMissing,
  })
  .refine((config) => heldByConnections(config) >= 2 * config.max_message, {
    path: ['max_in_flight'],
    message: 'must hold two messages of max_message beside udp.max_queue',
  })
  .refine(certificatesAreAsked.check, certificatesAreAsked)
  .refine(({ auth, udp }) => auth === undefined || udp === undefined, {
    path: ['auth'],
    message: 'over UDP nobody shows a certificate: `udp` belongs into a receiver of its own',
  })
  .transform((config) => (config.tcp || config.udp ? config : { ...config, tcp: tcp.parse({}) }))

export type SyslogReceiverConfig = z.infer<typeof syslogReceiverConfig>
export type TcpConfig = z.infer<typeof tcp>
export type UdpConfig = z.infer<typeof udp>

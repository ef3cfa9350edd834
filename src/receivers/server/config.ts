/** What every receiver that listens over HTTP has in its configuration. */
import { z } from 'zod'
import { durationFrom, size, sizeFrom } from '../../config/values.ts'
import { senderAuth } from './auth-config.ts'

const tls = z.strictObject({
  cert: z.string().min(1).describe('PEM file with the certificate chain'),
  key: z.string().min(1).describe('PEM file with the private key'),
  client_ca: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file; when given, only clients with a certificate signed by it are let in (mTLS)'),
})

/** Members of a listener, beside its address. */
export const listenerConfig = {
  tls: tls.optional().describe('Serve over TLS (1.2 or later) with these files'),
  insecure: z
    .boolean()
    .default(false)
    .describe(
      'Listen where others reach it without asking who they are, that is without `auth` and `tls.client_ca`; otherwise only a loopback address is listened on so',
    ),
  timeout: durationFrom('10ms', '1h')
    .prefault('60s')
    .describe('A request, headers and body, must have arrived within this time'),
  max_connections: z.int().min(1).default(1024).describe('Connections at a time; more are turned away'),
}

/** How much a receiver takes, and from whom. */
export const serverConfig = {
  max_body: sizeFrom('1KiB', '256MiB')
    .prefault('64MiB')
    .describe('A request body, as sent and after inflating; a larger one is answered with 413'),
  max_in_flight: size()
    .prefault('128MiB')
    .describe('Bytes of bodies held at a time, compressed and inflated; over it the answer is 503'),
  auth: senderAuth,
}

export type ListenerConfig = z.infer<z.ZodObject<typeof listenerConfig>>
export type TlsConfig = NonNullable<ListenerConfig['tls']>
export type ServerConfig = z.infer<z.ZodObject<typeof serverConfig>>

/** For the refinement that each receiver's schema carries. */
export const roomForInflating = {
  check: (config: { readonly max_body: number; readonly max_in_flight: number }) =>
    config.max_in_flight >= 2 * config.max_body,
  path: ['max_in_flight'],
  message: 'must be at least twice max_body: a body is held compressed and inflated',
}

/** `receivers.<name>` with `type: otlp`. */
import { z } from 'zod'
import { address } from '../../config/values.ts'
import { certificatesAreAsked } from '../server/auth-config.ts'
import { listenerConfig, roomForInflating, serverConfig } from '../server/config.ts'
import { corsMember } from '../server/cors-config.ts'
import { duplicatesConfig } from '../server/duplicates-config.ts'
import { recordConfig } from '../server/record-config.ts'

const http = z.strictObject({
  listen: address()
    .prefault('127.0.0.1:4318')
    .describe('Address of OTLP over HTTP; port 0 lets the system choose'),
  ...corsMember,
  ...listenerConfig,
})

const grpc = z.strictObject({
  listen: address()
    .prefault('127.0.0.1:4317')
    .describe('Address of OTLP over gRPC; port 0 lets the system choose'),
  ...listenerConfig,
})

export const otlpReceiverConfig = z
  .strictObject({
    type: z.literal('otlp'),
    http: http.optional().describe('OTLP over HTTP; listens where neither it nor `grpc` is said'),
    grpc: grpc.optional().describe('OTLP over gRPC'),
    ...serverConfig,
    duplicates: duplicatesConfig,
    ...recordConfig('otlp'),
  })
  .refine(roomForInflating.check, roomForInflating)
  .refine(certificatesAreAsked.check, certificatesAreAsked)
  .transform((config) => (config.http || config.grpc ? config : { ...config, http: http.parse({}) }))

export type OtlpReceiverConfig = z.infer<typeof otlpReceiverConfig>

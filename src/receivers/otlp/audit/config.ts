/** `receivers.<name>` with `type: otlp_audit`. */
import { z } from 'zod'
import { receiverOnMissing } from '../../../attribution/config.ts'
import { address, durationFrom, sizeFrom } from '../../../config/values.ts'
import { certificatesAreAsked } from '../../server/auth-config.ts'
import { listenerConfig, roomForInflating, serverConfig } from '../../server/config.ts'
import { corsMember } from '../../server/cors-config.ts'
import { duplicatesConfig } from '../../server/duplicates-config.ts'
import { recordConfig } from '../../server/record-config.ts'
import { keysConfig } from './keys-config.ts'

const http = z.strictObject({
  listen: address()
    .prefault('127.0.0.1:4328')
    .describe('Address of the audit signal over HTTP; port 0 lets the system choose'),
  ...corsMember,
  ...listenerConfig,
})

const grpc = z.strictObject({
  listen: address()
    .prefault('127.0.0.1:4327')
    .describe('Address of the audit signal over gRPC; port 0 lets the system choose'),
  ...listenerConfig,
})

// A record that `select` skips would be answered as taken in: here every one of them must be.
const { select: _, ...records } = recordConfig('otlp')

export const otlpAuditReceiverConfig = z
  .strictObject({
    type: z.literal('otlp_audit'),
    http: http.optional().describe('The signal over HTTP; listens where neither it nor `grpc` is said'),
    grpc: grpc.optional().describe('The signal over gRPC'),
    keys: keysConfig,
    unverified: z
      .enum(['accept', 'refuse'])
      .default('accept')
      .describe(
        'What becomes of records without a signature, and of those that no key here can verify. accept: they are taken in, and not marked as verified; refuse: their request is refused. A signature that fails is refused in any case',
      ),
    max_clock_difference: durationFrom('0s', '1d')
      .prefault('5s')
      .describe('A record whose Timestamp and ObservedTimestamp are further apart has a warning'),
    ...serverConfig,
    max_body: sizeFrom('1KiB', '64MiB')
      .prefault('16MiB')
      .describe('A request body, as sent and after inflating; a larger one is answered with 413'),
    duplicates: duplicatesConfig,
    ...records,
    raw: records.raw
      .unwrap()
      .default('full')
      .describe(
        'What is kept of a record beside its event. full: its canonical form, over which its signature can be verified again; hash: only the hash of that, which is what receipts say',
      ),
    // No part of a request may be refused.
    on_missing: receiverOnMissing,
  })
  .refine(roomForInflating.check, roomForInflating)
  .refine(certificatesAreAsked.check, certificatesAreAsked)
  .transform((config) => (config.http || config.grpc ? config : { ...config, http: http.parse({}) }))

export type OtlpAuditReceiverConfig = z.infer<typeof otlpAuditReceiverConfig>

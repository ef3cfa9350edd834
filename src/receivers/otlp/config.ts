/** `receivers.<name>` with `type: otlp`. */
import { z } from 'zod'
import { answeringOnMissing } from '../../attribution/config.ts'
import { enrichConfig } from '../../attribution/enrich/config.ts'
import { redactConfig } from '../../attribution/redact/config.ts'
import { address } from '../../config/values.ts'
import { listenerConfig, roomForInflating, serverConfig } from '../server/config.ts'

const http = z.strictObject({
  listen: address()
    .prefault('127.0.0.1:4318')
    .describe('Address of OTLP over HTTP; port 0 lets the system choose'),
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
    preset: z
      .string()
      .default('otlp')
      .describe(
        'Preset that maps records to the event schema; `auto` for the one that knows what a record carries',
      ),
    mapping: z.unknown().optional().describe('A mapping in place of the preset'),
    select: z.string().optional().describe('CEL on the decoded record: others are counted and skipped'),
    zone: z
      .string()
      .min(1)
      .optional()
      .describe('IANA time zone for times without an offset, where a mapping reads some'),
    on_missing: answeringOnMissing,
    enrich: enrichConfig
      .default([])
      .describe('Who else knows something about its events: in order, before those of `attribution`'),
    raw: z
      .enum(['none', 'hash', 'full'])
      .default('none')
      .describe('What is kept of a record as it came, where it was understood'),
    redact: redactConfig.describe('Rules for this receiver alone, behind those of `redact`'),
  })
  .refine(roomForInflating.check, roomForInflating)
  .transform((config) => (config.http || config.grpc ? config : { ...config, http: http.parse({}) }))

export type OtlpReceiverConfig = z.infer<typeof otlpReceiverConfig>

/** `receivers.<name>` with `type: otlp`. */
import { z } from 'zod'
import { answeringOnMissing } from '../../attribution/config.ts'
import { enrichConfig } from '../../attribution/enrich/config.ts'
import { redactConfig } from '../../attribution/redact/config.ts'
import { address, durationFrom, size, sizeFrom } from '../../config/values.ts'

const tls = z.strictObject({
  cert: z.string().min(1).describe('PEM file with the certificate chain'),
  key: z.string().min(1).describe('PEM file with the private key'),
  client_ca: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file; when given, only clients with a certificate signed by it are let in (mTLS)'),
})

const http = z.strictObject({
  listen: address()
    .prefault('127.0.0.1:4318')
    .describe('Address of OTLP over HTTP; port 0 lets the system choose'),
  tls: tls.optional().describe('Serve HTTPS (TLS 1.2 or later) with these files'),
  timeout: durationFrom('10ms', '1h')
    .prefault('60s')
    .describe('A request, headers and body, must have arrived within this time'),
  max_connections: z.int().min(1).default(1024).describe('Connections at a time; more are turned away'),
})

const bearerToken = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(128)
    .describe('Name of the credential: provenance.peer.auth_id of what it delivers'),
  hash: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the token in hex: printf %s "$TOKEN" | sha256sum')
    .describe('SHA-256 of the token, hex; the token itself is nowhere in the configuration'),
})

const uniqueIds = (tokens: readonly { readonly id: string }[]) =>
  new Set(tokens.map((token) => token.id)).size === tokens.length

export const otlpReceiverConfig = z
  .strictObject({
    type: z.literal('otlp'),
    http: http.prefault({}).describe('OTLP over HTTP'),
    max_body: sizeFrom('1KiB', '256MiB')
      .prefault('64MiB')
      .describe('A request body, as sent and after inflating; a larger one is answered with 413'),
    max_in_flight: size()
      .prefault('128MiB')
      .describe('Bytes of bodies held at a time, compressed and inflated; over it the answer is 503'),
    auth: z
      .strictObject({
        bearer: z
          .array(bearerToken)
          .min(1)
          .refine(uniqueIds, 'two tokens have the same id')
          .describe('Tokens that are let in; without `auth` everybody who reaches the address is'),
      })
      .optional()
      .describe('Who may send'),
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
  .refine((config) => config.max_in_flight >= 2 * config.max_body, {
    path: ['max_in_flight'],
    message: 'must be at least twice max_body: a body is held compressed and inflated',
  })

export type OtlpReceiverConfig = z.infer<typeof otlpReceiverConfig>

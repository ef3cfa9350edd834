/** Options of the `http` sink. The root adds delivery's. */
import { z } from 'zod'
import { durationFrom } from '../../config/values.ts'

/** Belongs to the message's framing or to the batch; a fixed value would break either. */
const reserved = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
])

const url = z
  .url({ protocol: /^https?$/, error: 'an http:// or https:// URL', abort: true })
  .refine((text) => {
    const { username, password } = new URL(text)
    return username === '' && password === ''
  }, 'a URL without user and password: a token belongs in auth.bearer')
  .refine((text) => new URL(text).hash === '', 'a URL without a fragment')

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a header name')
  .refine((text) => !reserved.has(text.toLowerCase()), 'a header that the sink does not set itself')

const headerValue = z
  .string()
  // RFC 9110, section 5.5.
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'a header value: one line of Latin-1 text')

export const httpSinkConfig = z.strictObject({
  type: z.literal('http').describe('HTTP requests, one a batch'),
  url: url.describe('Where batches are sent; http:// or https://'),
  method: z.enum(['POST', 'PUT', 'PATCH']).default('POST').describe('Request method'),
  headers: z.record(headerName, headerValue).default({}).describe('Further request headers'),
  auth: z
    .strictObject({
      bearer: z
        .string()
        .regex(/^[\x21-\x7e]+$/, 'a token without spaces')
        .describe('Sent as `Authorization: Bearer …`; use ${file:/path} to keep it out of this file'),
    })
    .optional()
    .describe('How the sink identifies itself'),
  format: z
    .enum(['ndjson', 'json_array'])
    .default('ndjson')
    .describe('ndjson: one event a line; json_array: one array of events'),
  compression: z.enum(['none', 'gzip']).default('none').describe('Content-Encoding of the body'),
  compression_level: z.int().min(1).max(9).default(1).describe('Level of gzip: 1 is fastest, 9 smallest'),
  timeout: durationFrom('10ms', '1h')
    .prefault('30s')
    .describe('Limit of one request, from connecting to the end of the answer'),
  tls: z
    .strictObject({
      ca: z
        .string()
        .min(1)
        .describe('Certificates to trust in place of the built-in ones: PEM text, or the path of a PEM file'),
    })
    .optional()
    .describe('TLS; the certificate is always verified'),
})

export type HttpSinkConfig = z.output<typeof httpSinkConfig>

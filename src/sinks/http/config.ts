/** Options of the `http` sink. The root adds delivery's. */
import { z } from 'zod'
import { durationFrom } from '../../config/values.ts'
import { httpUrl, tlsConfig } from '../transport/config.ts'

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

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a header name')
  .refine((text) => !reserved.has(text.toLowerCase()), 'a header that the sink does not set itself')

const headerValue = z
  .string()
  // RFC 9110, section 5.5.
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'a header value: one line of Latin-1 text')

const highestGzip = 9

export const httpSinkConfig = z
  .strictObject({
    type: z.literal('http').describe('HTTP requests, one a batch'),
    url: httpUrl().describe('Where batches are sent; http:// or https://'),
    method: z.enum(['POST', 'PUT', 'PATCH']).default('POST').describe('Request method'),
    headers: z.record(headerName, headerValue).default({}).describe('Further request headers'),
    auth: z
      .strictObject({
        bearer: z
          .string()
          .regex(/^[\x21-\x7e]+$/, 'a token without spaces')
          .optional()
          .describe('Sent as `Authorization: Bearer …`; use ${file:/path} to keep it out of this file'),
        basic: z
          .strictObject({
            user: z
              .string()
              .regex(/^[^:\p{Cc}]+$/u, 'a name without a colon')
              .describe('Its name'),
            password: z
              .string()
              .regex(/^[^\p{Cc}]+$/u, 'a password on one line')
              .describe('Use ${file:/path} to keep it out of this file'),
          })
          .optional()
          .describe('Sent as `Authorization: Basic …`, in UTF-8'),
      })
      .refine(
        ({ bearer, basic }) => (bearer === undefined) !== (basic === undefined),
        'either bearer or basic',
      )
      .optional()
      .describe('How the sink identifies itself; one of them'),
    format: z
      .enum(['ndjson', 'json_array'])
      .default('ndjson')
      .describe('ndjson: one event a line; json_array: one array of events'),
    compression: z.enum(['none', 'gzip', 'zstd']).default('none').describe('Content-Encoding of the body'),
    compression_level: z
      .int()
      .min(1)
      .max(19)
      .default(1)
      .describe('1 is fastest; the smallest is 9 with gzip, 19 with zstd'),
    timeout: durationFrom('10ms', '1h')
      .prefault('30s')
      .describe('Limit of one request, from connecting to the end of the answer'),
    tls: tlsConfig(),
  })
  .refine(({ compression, compression_level: level }) => compression !== 'gzip' || level <= highestGzip, {
    path: ['compression_level'],
    error: `gzip has levels from 1 to ${highestGzip}`,
  })

export type HttpSinkConfig = z.output<typeof httpSinkConfig>

/** Options of the `http` sink. The root adds delivery's. */
import { z } from 'zod'
import { durationFrom } from '../../config/values.ts'
import { shapeConfig } from '../../shapes/config.ts'
import { allowedValues } from '../transport/allowed.ts'
import { endpointsConfig, proxyConfig, secretSources, tlsConfig } from '../transport/config.ts'
import { eventTemplate } from '../transport/event-template.ts'
import { authConfig } from './auth-config.ts'
import { signConfig } from './signature-config.ts'

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

/** RFC 9110, section 5.5. */
const headerText = /^[\t\x20-\x7e\x80-\xff]*$/
const headerWords = 'a header value: one line of Latin-1 text'

const headerValue = z.union(
  [
    z
      .string()
      .regex(headerText, headerWords)
      .pipe(z.union([eventTemplate(), z.literal('')])),
    ...secretSources(),
  ],
  `${headerWords} (a template over the event), or { file: … }, or { command: […] }`,
)

const highestGzip = 9

export const httpSinkConfig = z
  .strictObject({
    type: z.literal('http').describe('HTTP requests, one a batch or one an event'),
    url: endpointsConfig(
      'Where batches are sent; http:// or https://. Path and query may have templates over the event. Several share the load, those in trouble are passed over',
    ),
    method: z.enum(['POST', 'PUT', 'PATCH']).default('POST').describe('Request method'),
    headers: z
      .record(headerName, headerValue)
      .default({})
      .describe('Further request headers: templates over the event, or secrets with { file: … }'),
    auth: authConfig(),
    format: z
      .enum(['ndjson', 'json_array', 'cloudevents', 'single'])
      .default('ndjson')
      .describe(
        'ndjson: one event a line; json_array: one array of events; cloudevents: a batch of CloudEvents 1.0; single: one request an event',
      ),
    shape: shapeConfig(),
    sign: signConfig(),
    compression: z.enum(['none', 'gzip', 'zstd']).default('none').describe('Content-Encoding of the body'),
    compression_level: z
      .int()
      .min(1)
      .max(19)
      .default(1)
      .describe('1 is fastest; the smallest is 9 with gzip, 19 with zstd'),
    status: z
      .record(
        z.string().regex(/^[2-5]\d\d$/, 'a status from 200 to 599'),
        z.enum(['accepted', 'later', 'held', 'refused']),
      )
      .default({})
      .describe("What single statuses mean at this destination, in place of the sink's own table"),
    overrides: z
      .strictObject({
        headers: z
          .record(headerName, allowedValues())
          .optional()
          .describe('Headers that routes may set with `override`, and to which values'),
      })
      .default({})
      .describe('What routes may set with `override`'),
    timeout: durationFrom('10ms', '1h')
      .prefault('30s')
      .describe('Limit of one request, from connecting to the end of the answer'),
    tls: tlsConfig(),
    proxy: proxyConfig(),
  })
  .refine(({ compression, compression_level: level }) => compression !== 'gzip' || level <= highestGzip, {
    path: ['compression_level'],
    error: `gzip has levels from 1 to ${highestGzip}`,
  })
  .refine(({ format, shape }) => format !== 'cloudevents' || shape === 'affiant', {
    path: ['shape'],
    error: 'format: cloudevents writes CloudEvents around events as they are',
  })
  .refine(({ sign, compression }) => sign === undefined || compression === 'none', {
    path: ['compression'],
    error: 'what is signed is not compressed: receivers check the bytes that they read',
  })

export type HttpSinkConfig = z.output<typeof httpSinkConfig>

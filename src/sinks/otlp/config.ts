/** Options of the `otlp` sink. The root adds delivery's. */
import { z } from 'zod'
import { durationFrom } from '../../config/values.ts'
import { endpointsConfig, proxyConfig, secret, tlsConfig } from '../transport/config.ts'

/** Set by the protocol itself. */
const reserved = /^(?:content-(?:encoding|length|type)|host|te|transfer-encoding|connection|grpc-.*|:.*)$/i

export const otlpSinkConfig = z
  .strictObject({
    type: z.literal('otlp').describe('OpenTelemetry log records'),
    url: endpointsConfig(
      'The collector, as in http://127.0.0.1:4318 (`/v1/logs` is added where there is no path) or, for grpc, http://127.0.0.1:4317',
    ),
    protocol: z
      .enum(['http/protobuf', 'http/json', 'grpc'])
      .default('http/protobuf')
      .describe('How records are sent'),
    body: z
      .enum(['text', 'structured'])
      .default('text')
      .describe('text: the event as one text, byte for byte; structured: as a map'),
    headers: z
      .record(
        z
          .string()
          .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a header name')
          .refine((text) => !reserved.test(text), 'a header that the sink does not set itself'),
        secret(/^[\t\x20-\x7e]+$/, 'a header value: one line of ASCII text'),
      )
      .default({})
      .describe('Further headers (metadata, for grpc): for tokens and tenants'),
    compression: z.enum(['none', 'gzip']).default('gzip').describe('Of requests'),
    timeout: durationFrom('10ms', '1h')
      .prefault('30s')
      .describe('Limit of one request, from connecting to the end of the answer'),
    tls: tlsConfig(),
    proxy: proxyConfig(),
  })
  .refine(({ protocol, proxy }) => protocol !== 'grpc' || !proxy?.startsWith('https:'), {
    path: ['proxy'],
    error: 'grpc speaks to http:// proxies only',
  })

export type OtlpSinkConfig = z.output<typeof otlpSinkConfig>

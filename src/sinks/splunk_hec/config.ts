/** Options of the `splunk_hec` sink. The root adds delivery's. */
import { z } from 'zod'
import { durationFrom, name } from '../../config/values.ts'
import { shapeConfig } from '../../shapes/config.ts'
import { allowedValues } from '../transport/allowed.ts'
import { endpointsConfig, proxyConfig, secret, tlsConfig } from '../transport/config.ts'
import { eventTemplate } from '../transport/event-template.ts'

const token = () => secret(/^[\x21-\x7e]+$/, 'a token without spaces')

export const splunkHecSinkConfig = z
  .strictObject({
    type: z.literal('splunk_hec').describe("Splunk's HTTP Event Collector"),
    url: endpointsConfig(
      'Where Splunk listens, as in https://splunk.example:8088; several share the load, those in trouble are passed over',
    ),
    endpoint: z
      .enum(['event', 'raw'])
      .default('event')
      .describe('event: each event with its metadata; raw: bare lines, metadata once a request'),
    shape: shapeConfig(),
    token: token().describe('The HEC token'),
    tokens: z
      .record(name(), token())
      .default({})
      .describe('Further tokens, by names that routes can set with `override`'),
    index: eventTemplate().optional().describe("Index; a template over the event. Default: the token's"),
    source: eventTemplate().optional().describe('Source; a template over the event'),
    sourcetype: eventTemplate().default('affiant:audit').describe('Source type; a template over the event'),
    host: eventTemplate().optional().describe('Host; a template over the event'),
    fields: z
      .record(z.string().regex(/^[A-Za-z_][\w.]*$/, 'a field name'), eventTemplate())
      .default({})
      .describe('Indexed fields: name → template over the event; left out where it has no value'),
    overrides: z
      .strictObject({
        index: allowedValues().optional(),
        source: allowedValues().optional(),
        sourcetype: allowedValues().optional(),
        host: allowedValues().optional(),
      })
      .default({})
      .describe('What routes may set with `override`, and to which values'),
    acknowledge: z
      .boolean()
      .default(false)
      .describe('Wait until the indexer has acknowledged; the token must have acknowledgement enabled'),
    ack: z
      .strictObject({
        interval: durationFrom('10ms', '5m').prefault('1s').describe('How often Splunk is asked'),
        timeout: durationFrom('100ms', '1d')
          .prefault('5m')
          .describe('Without acknowledgement after this long, the batch is sent again'),
      })
      .prefault({})
      .describe('Acknowledgement'),
    compression: z.enum(['none', 'gzip']).default('gzip').describe('Content-Encoding of the body'),
    compression_level: z.int().min(1).max(9).default(1).describe('1 is fastest, 9 smallest'),
    timeout: durationFrom('10ms', '1h')
      .prefault('30s')
      .describe('Limit of one request, from connecting to the end of the answer'),
    tls: tlsConfig(),
    proxy: proxyConfig(),
  })
  .refine(({ endpoint, fields }) => endpoint === 'event' || Object.keys(fields).length === 0, {
    path: ['fields'],
    error: 'indexed fields need `endpoint: event`',
  })

export type SplunkHecSinkConfig = z.output<typeof splunkHecSinkConfig>

/** `telemetry:` in the configuration: health, readiness, metrics, and the agent's own log. No event bodies. */
import { z } from 'zod'
import { address } from '../config/values.ts'

const otlp = z
  .strictObject({
    endpoint: z
      .url({ protocol: /^https?$/ })
      .describe('An OTLP/HTTP endpoint, as in http://127.0.0.1:4318; /v1/logs is added unless it is there'),
    headers: z
      .record(z.string(), z.string())
      .exactOptional()
      .describe('Sent with every export, for credentials'),
  })
  .describe("Send the agent's own log to an OTLP collector as well")

export const telemetryConfig = z
  .strictObject({
    listen: address()
      .prefault('127.0.0.1:9598')
      .describe('Where /healthz, /readyz and /metrics are served; no event bodies, so it may be public'),
    log: z
      .strictObject({
        level: z
          .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
          .default('info')
          .describe('The least that is logged'),
        format: z
          .enum(['json', 'pretty'])
          .exactOptional()
          .describe('Readable on a terminal, JSON otherwise, unless one is named'),
      })
      .prefault({})
      .describe("The agent's own log, on standard error"),
    logs: z
      .strictObject({ otlp: otlp.exactOptional() })
      .prefault({})
      .describe("Further destinations of the agent's own log"),
  })
  .prefault({})
  .describe('Health, readiness, metrics, own log')

import { expect, test } from 'vitest'
import { telemetryConfig } from '../../src/telemetry/config.ts'

test('everything has a default', () => {
  expect(telemetryConfig.parse(undefined)).toEqual({
    listen: { host: '127.0.0.1', port: 9598 },
    log: { level: 'info' },
    logs: {},
  })
})

test('what can be said', () => {
  const otlp = { endpoint: 'https://collector.example:4318', headers: { 'x-key': 'k' } }
  expect(
    telemetryConfig.parse({ listen: '[::]:9000', log: { level: 'debug', format: 'json' }, logs: { otlp } }),
  ).toEqual({ listen: { host: '::', port: 9000 }, log: { level: 'debug', format: 'json' }, logs: { otlp } })
})

test.each([
  [{ listen: 9598 }],
  [{ log: { level: 'loud' } }],
  [{ logs: { otlp: { endpoint: 'ftp://x' } } }],
  [{ logs: { otlp: {} } }],
  [{ lissten: '127.0.0.1:1' }],
])('%j is refused', (written) => {
  expect(telemetryConfig.safeParse(written).success).toBe(false)
})

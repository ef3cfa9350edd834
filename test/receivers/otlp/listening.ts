/** A receiver on a port of its own, with an intake that remembers. Stopped when the test ends. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import { type Clock, systemClock } from '../../../src/clock.ts'
import { otlpReceiverConfig } from '../../../src/receivers/otlp/config.ts'
import { createOtlpReceiver, type OtlpReceiver } from '../../../src/receivers/otlp/receiver.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics, type Metrics } from '../../../src/telemetry/metrics.ts'
import { RequestIntake } from '../request-intake.ts'

type Settings = Partial<z.input<typeof otlpReceiverConfig>>

export interface Listening {
  readonly receiver: OtlpReceiver
  readonly intake: RequestIntake
  readonly metrics: Metrics
  readonly port: number
  readonly post: (body: Buffer | string, headers?: Record<string, string>) => Promise<Answer>
}

export async function listening(
  settings: Settings = {},
  intake = new RequestIntake(),
  clock: Clock = systemClock,
): Promise<Listening> {
  const config = otlpReceiverConfig.parse({
    type: 'otlp',
    ...settings,
    http: { listen: '127.0.0.1:0', ...settings.http },
  })
  const metrics = createMetrics()
  const receiver = createOtlpReceiver({
    name: 'app',
    config,
    intake,
    log: silentLog,
    metrics,
    clock,
    notify: () => {},
  })
  onTestFinished(() => receiver.stop())
  await receiver.start()
  const { port } = receiver.addresses.http!
  const post = (body: Buffer | string, headers: Record<string, string> = {}) =>
    send(
      port,
      { method: 'POST', path: '/v1/logs', headers: { 'content-type': 'application/json', ...headers } },
      body,
    )
  return { receiver, intake, metrics, port, post }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A request like curl's: no retries, no pooling, nothing added. */
export function send(
  port: number,
  options: { readonly method: string; readonly path: string; readonly headers?: Record<string, string> },
  body: Buffer | string = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, agent: false, ...options }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** A minimal request of `count` records, each with its number in `n`. */
export function numbered(count: number, from = 0) {
  const logRecords = Array.from({ length: count }, (_, index) => ({
    attributes: [{ key: 'n', value: { intValue: String(from + index) } }],
  }))
  return { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }
}

/** An `otlp_audit` receiver on ports of its own, with an intake that remembers. Stopped when the test ends. */
import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import { type Clock, systemClock } from '../../../../src/clock.ts'
import { otlpAuditReceiverConfig } from '../../../../src/receivers/otlp/audit/config.ts'
import { createOtlpAuditReceiver } from '../../../../src/receivers/otlp/audit/receiver.ts'
import type { ServerNotice } from '../../../../src/receivers/server/notice.ts'
import { silentLog } from '../../../../src/telemetry/log.ts'
import { createMetrics } from '../../../../src/telemetry/metrics.ts'
import type { MemoryIntake } from '../../memory-intake.ts'
import { RequestIntake } from '../../request-intake.ts'
import { type Called, call, method } from '../calling.ts'
import { type Answer, send } from '../listening.ts'
import { encodeRequest, type RequestObject } from '../oracle.ts'

export type Settings = Partial<z.input<typeof otlpAuditReceiverConfig>>

export async function auditReceiver<I extends MemoryIntake>(
  settings: Settings,
  intake: I,
  clock: Clock = systemClock,
) {
  const config = otlpAuditReceiverConfig.parse({
    type: 'otlp_audit',
    ...settings,
    http: { listen: '127.0.0.1:0', ...settings.http },
    grpc: { listen: '127.0.0.1:0', ...settings.grpc },
  })
  const notices: ServerNotice[] = []
  const metrics = createMetrics()
  const receiver = await createOtlpAuditReceiver({
    name: 'audit',
    config,
    intake,
    known: intake.known(),
    forget: (stream) => intake.forget(stream),
    log: silentLog,
    metrics,
    clock,
    notify: (notice) => notices.push(notice),
  })
  return { receiver, intake, notices, metrics }
}

export async function auditing(settings: Settings = {}, intake = new RequestIntake(), clock?: Clock) {
  const made = await auditReceiver(settings, intake, clock)
  const { receiver } = made
  onTestFinished(() => receiver.stop())
  await receiver.start()
  const post = (body: Buffer | string, headers: Record<string, string> = {}): Promise<Answer> =>
    send(
      receiver.addresses.http!.port,
      { method: 'POST', path: '/v1/audit', headers: { 'content-type': 'application/json', ...headers } },
      body,
    )
  return {
    ...made,
    post,
    /** As JSON; resolves with the answer's. */
    json: async (request: RequestObject, headers: Record<string, string> = {}) => {
      const { status, body } = await post(JSON.stringify(request), headers)
      return { status, answer: JSON.parse(body.toString()) }
    },
    protobuf: (request: RequestObject) =>
      post(encodeRequest(request), { 'content-type': 'application/x-protobuf' }),
    grpc: (request: RequestObject, metadata: Record<string, string> = {}): Promise<Called> =>
      call(`127.0.0.1:${receiver.addresses.grpc!.port}`, encodeRequest(request), metadata, method, {}),
  }
}

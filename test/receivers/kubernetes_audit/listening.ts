/** A `kubernetes_audit` receiver on a port of its own. Stopped when the test ends. */
import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import { systemClock } from '../../../src/clock.ts'
import { kubernetesAuditReceiverConfig } from '../../../src/receivers/kubernetes_audit/config.ts'
import { createKubernetesAuditReceiver } from '../../../src/receivers/kubernetes_audit/receiver.ts'
import type { HttpReceiver } from '../../../src/receivers/server/http-receiver.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import type { MemoryIntake } from '../memory-intake.ts'
import { RequestIntake } from '../request-intake.ts'

type Settings = Partial<z.input<typeof kubernetesAuditReceiverConfig>>

export const create = (intake: MemoryIntake, settings: Settings = {}): HttpReceiver =>
  createKubernetesAuditReceiver({
    name: 'cluster',
    config: kubernetesAuditReceiverConfig.parse({
      type: 'kubernetes_audit',
      listen: '127.0.0.1:0',
      ...settings,
    }),
    intake,
    log: silentLog,
    metrics: createMetrics(),
    clock: systemClock,
    notify: () => {},
  })

export async function listening(settings: Settings = {}) {
  const intake = new RequestIntake()
  const receiver = create(intake, settings)
  onTestFinished(() => receiver.stop())
  await receiver.start()
  return { receiver, intake, port: receiver.address.port }
}

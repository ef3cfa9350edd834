/** An `http` receiver on a port of its own, with an intake that remembers. Stopped when the test ends. */
import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import { systemClock } from '../../../src/clock.ts'
import { httpReceiverConfig } from '../../../src/receivers/http/config.ts'
import { createPostReceiver } from '../../../src/receivers/http/receiver.ts'
import type { HttpReceiver } from '../../../src/receivers/server/http-receiver.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { type Answer, send } from '../otlp/listening.ts'
import { RequestIntake } from '../request-intake.ts'

export interface Listening {
  readonly receiver: HttpReceiver
  readonly intake: RequestIntake
  readonly port: number
  readonly post: (type: string, body: Buffer | string, headers?: Record<string, string>) => Promise<Answer>
}

export async function listening(
  settings: Partial<z.input<typeof httpReceiverConfig>> = {},
): Promise<Listening> {
  const config = httpReceiverConfig.parse({ type: 'http', listen: '127.0.0.1:0', ...settings })
  const intake = new RequestIntake()
  const receiver = createPostReceiver({
    name: 'app',
    config,
    intake,
    log: silentLog,
    metrics: createMetrics(),
    clock: systemClock,
    notify: () => {},
  })
  onTestFinished(() => receiver.stop())
  await receiver.start()
  const { port } = receiver.address
  const post: Listening['post'] = (type, body, headers = {}) =>
    send(port, { method: 'POST', path: config.path, headers: { 'content-type': type, ...headers } }, body)
  return { receiver, intake, port, post }
}

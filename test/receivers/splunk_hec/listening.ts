/** A `splunk_hec` receiver on a port of its own. Stopped when the test ends. */
import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import { systemClock } from '../../../src/clock.ts'
import type { HttpReceiver } from '../../../src/receivers/server/http-receiver.ts'
import type { ServerNotice } from '../../../src/receivers/server/notice.ts'
import { splunkHecReceiverConfig } from '../../../src/receivers/splunk_hec/config.ts'
import { createSplunkHecReceiver } from '../../../src/receivers/splunk_hec/receiver.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import type { MemoryIntake } from '../memory-intake.ts'
import { send } from '../otlp/listening.ts'
import { RequestIntake } from '../request-intake.ts'

type Settings = Partial<z.input<typeof splunkHecReceiverConfig>>

export const create = (
  intake: MemoryIntake,
  settings: Settings = {},
  notify: (notice: ServerNotice) => void = () => {},
): HttpReceiver =>
  createSplunkHecReceiver({
    name: 'apps',
    config: splunkHecReceiverConfig.parse({ type: 'splunk_hec', listen: '127.0.0.1:0', ...settings }),
    intake,
    log: silentLog,
    metrics: createMetrics(),
    clock: systemClock,
    notify,
  })

/** What a client is told: the status, and the JSON of the body with its status. */
export interface Told {
  readonly status: number
  readonly [member: string]: unknown
}

export async function listening(settings: Settings = {}, intake = new RequestIntake()) {
  const notices: ServerNotice[] = []
  const receiver = create(intake, settings, (notice) => void notices.push(notice))
  onTestFinished(() => receiver.stop())
  await receiver.start()
  const { port } = receiver.address
  const ask = async (
    method: string,
    path: string,
    body: Buffer | string = '',
    headers: Record<string, string> = {},
  ): Promise<Told> => {
    const answer = await send(port, { method, path: `/services/collector${path}`, headers }, body)
    return { ...(JSON.parse(answer.body.toString()) as object), status: answer.status }
  }
  const post = (path: string, body: Buffer | string, headers: Record<string, string> = {}) =>
    ask('POST', path, body, headers)
  return { receiver, intake, notices, port, url: `http://127.0.0.1:${port}`, ask, post }
}

export const success = { status: 200, text: 'Success', code: 0 }

export const channel = '18d2b0a1-5a1f-4c6e-9d3b-7f3e1f0c2a44'

/** For `auth`: a credential that this token is of. */
export const bearer = (id: string, token: string) => ({
  id,
  hash: createHash('sha256').update(token).digest('hex'),
})

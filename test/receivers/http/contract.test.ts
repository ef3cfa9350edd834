import { systemClock } from '../../../src/clock.ts'
import { httpReceiverConfig } from '../../../src/receivers/http/config.ts'
import { createPostReceiver } from '../../../src/receivers/http/receiver.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { receiverContract } from '../contract.ts'
import { send } from '../otlp/listening.ts'

receiverContract('http', async (intake) => {
  const receiver = createPostReceiver({
    name: 'app',
    config: httpReceiverConfig.parse({ type: 'http', listen: '127.0.0.1:0' }),
    intake,
    log: silentLog,
    metrics: createMetrics(),
    clock: systemClock,
    notify: () => {},
  })
  return {
    receiver,
    acknowledges: true,
    async send(markers) {
      const body = markers.map((marker) => `${JSON.stringify({ marker })}\n`).join('')
      const request = { method: 'POST', path: '/', headers: { 'content-type': 'application/x-ndjson' } }
      const { status } = await send(receiver.address.port, request, body)
      if (status === 200) return 'taken'
      if (status === 503) return 'refused'
      throw new Error(`unexpected status ${status}`)
    },
    [Symbol.asyncDispose]: () => receiver.stop(),
  }
})

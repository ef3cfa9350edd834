import { systemClock } from '../../../src/clock.ts'
import { httpReceiverConfig } from '../../../src/receivers/http/config.ts'
import { createPostReceiver } from '../../../src/receivers/http/receiver.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { receiverContract } from '../contract.ts'
import { send } from '../otlp/listening.ts'

const textsUpTo = 100_000
const recordOf = (marker: string) => JSON.stringify({ marker })

receiverContract(
  'http',
  async (intake) => {
    const receiver = createPostReceiver({
      name: 'app',
      config: httpReceiverConfig.parse({ type: 'http', listen: '127.0.0.1:0', max_record: `${textsUpTo}B` }),
      intake,
      log: silentLog,
      metrics: createMetrics(),
      clock: systemClock,
      notify: () => {},
    })
    return {
      receiver,
      acknowledges: true,
      send: (markers) => post(markers.map(recordOf)),
      sendTexts: (texts) => post(texts),
      sendKnown: (markers) => post(markers.map(recordOf), { 'idempotency-key': `"${markers[0]}"` }),
      [Symbol.asyncDispose]: () => receiver.stop(),
    }

    async function post(texts: readonly string[], key: Record<string, string> = {}) {
      const body = texts.map((text) => `${text}\n`).join('')
      const headers = { 'content-type': 'application/x-ndjson', ...key }
      const { status } = await send(receiver.address.port, { method: 'POST', path: '/', headers }, body)
      if (status === 200) return 'taken'
      if (status === 503) return 'refused'
      throw new Error(`unexpected status ${status}`)
    }
  },
  { knowsAgain: true, textsUpTo },
)

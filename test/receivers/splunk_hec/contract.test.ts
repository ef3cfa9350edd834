import { receiverContract } from '../contract.ts'
import { send } from '../otlp/listening.ts'
import { channel, create } from './listening.ts'

const textsUpTo = 100_000

for (const endpoint of ['event', 'raw'] as const) {
  receiverContract(
    `splunk_hec, ${endpoint}`,
    async (intake) => {
      const receiver = create(intake, { max_record: `${textsUpTo}B` })
      return {
        receiver,
        acknowledges: true,
        send: (markers) => {
          const record = (marker: string) => JSON.stringify({ id: marker })
          return post(
            markers.map((marker) => (endpoint === 'event' ? `{"event":${record(marker)}}` : record(marker))),
          )
        },
        sendTexts: post,
        [Symbol.asyncDispose]: () => receiver.stop(),
      }

      async function post(texts: readonly string[]) {
        const { status } = await send(
          receiver.address.port,
          {
            method: 'POST',
            path: `/services/collector/${endpoint}`,
            headers: { 'x-splunk-request-channel': channel },
          },
          texts.join(endpoint === 'event' ? '' : '\n'),
        )
        if (status === 200) return 'taken'
        if (status === 503) return 'refused'
        throw new Error(`unexpected status ${status}`)
      }
    },
    { textsUpTo },
  )
}

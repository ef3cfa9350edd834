import { receiverContract } from '../contract.ts'
import { send } from '../otlp/listening.ts'
import { channel, create } from './listening.ts'

for (const endpoint of ['event', 'raw'] as const) {
  receiverContract(`splunk_hec, ${endpoint}`, async (intake) => {
    const receiver = create(intake)
    return {
      receiver,
      acknowledges: true,
      async send(markers) {
        const record = (marker: string) => JSON.stringify({ id: marker })
        const body = markers
          .map((marker) => (endpoint === 'event' ? `{"event":${record(marker)}}` : `${record(marker)}\n`))
          .join('')
        const { status } = await send(
          receiver.address.port,
          {
            method: 'POST',
            path: `/services/collector/${endpoint}`,
            headers: { 'x-splunk-request-channel': channel },
          },
          body,
        )
        if (status === 200) return 'taken'
        if (status === 503) return 'refused'
        throw new Error(`unexpected status ${status}`)
      },
      [Symbol.asyncDispose]: () => receiver.stop(),
    }
  })
}

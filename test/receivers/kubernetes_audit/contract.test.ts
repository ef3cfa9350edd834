import { receiverContract } from '../contract.ts'
import { send } from '../otlp/listening.ts'
import { create, eventList } from './listening.ts'

receiverContract('kubernetes_audit', async (intake) => {
  const receiver = create(intake)
  return {
    receiver,
    acknowledges: true,
    async send(markers) {
      const body = eventList(markers.map((marker) => JSON.stringify({ auditID: marker })))
      // The API server's client adds how long it waits.
      const request = {
        method: 'POST',
        path: '/?timeout=30s',
        headers: { 'content-type': 'application/json' },
      }
      const { status } = await send(receiver.address.port, request, body)
      if (status === 200) return 'taken'
      if (status === 503) return 'refused'
      throw new Error(`unexpected status ${status}`)
    },
    [Symbol.asyncDispose]: () => receiver.stop(),
  }
})

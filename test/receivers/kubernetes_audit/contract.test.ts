import { receiverContract } from '../contract.ts'
import { send } from '../otlp/listening.ts'
import { eventList } from './event-list.ts'
import { create } from './listening.ts'

const textsUpTo = 100_000

receiverContract(
  'kubernetes_audit',
  async (intake) => {
    const receiver = create(intake, { max_record: `${textsUpTo}B` })
    return {
      receiver,
      acknowledges: true,
      send: (markers) => post(markers.map((marker) => JSON.stringify({ auditID: marker }))),
      sendTexts: post,
      [Symbol.asyncDispose]: () => receiver.stop(),
    }

    async function post(texts: readonly string[]) {
      // The API server's client adds how long it waits.
      const request = {
        method: 'POST',
        path: '/?timeout=30s',
        headers: { 'content-type': 'application/json' },
      }
      const { status } = await send(receiver.address.port, request, eventList(texts))
      if (status === 200) return 'taken'
      if (status === 503) return 'refused'
      throw new Error(`unexpected status ${status}`)
    }
  },
  { textsUpTo },
)

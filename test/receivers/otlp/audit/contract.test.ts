import { receiverContract } from '../../contract.ts'
import { call, method } from '../calling.ts'
import { send } from '../listening.ts'
import { encodeRequest } from '../oracle.ts'
import { auditReceiver } from './listening.ts'
import { record, request, text } from './records.ts'

const requestOf = (markers: readonly string[]) =>
  request(markers.map((marker) => record(Number(marker.slice(-5)), {}, { body: text(marker) })))

/** Of one chain, each numbered. */
const chainOf = (markers: readonly string[]) =>
  request(
    markers.map((marker) => {
      const n = Number(marker.slice(-5))
      const link = {
        'audit.sequence.stream_id': text('s'),
        'audit.sequence.number': { intValue: String(n + 1) },
      }
      return record(n, link, { body: text(marker) })
    }),
  )

for (const [name, type, encode, make] of [
  ['protobuf', 'application/x-protobuf', encodeRequest, requestOf],
  ['JSON', 'application/json', JSON.stringify, requestOf],
  ['a chain', 'application/json', JSON.stringify, chainOf],
] as const) {
  receiverContract(
    `otlp_audit over HTTP, ${name}`,
    async (intake) => {
      const { receiver } = await auditReceiver({}, intake)
      return {
        receiver,
        acknowledges: true,
        send: deliver,
        // Every record has an id.
        sendKnown: deliver,
        [Symbol.asyncDispose]: () => receiver.stop(),
      }

      async function deliver(markers: readonly string[]) {
        const head = { method: 'POST', path: '/v1/audit', headers: { 'content-type': type } }
        const { status, body } = await send(receiver.addresses.http!.port, head, encode(make(markers)))
        if (status === 200) return 'taken' as const
        if (status === 503) return 'refused' as const
        throw new Error(`unexpected status ${status}: ${body.toString()}`)
      }
    },
    { knowsAgain: true },
  )
}

receiverContract(
  'otlp_audit over gRPC',
  async (intake) => {
    const { receiver } = await auditReceiver({}, intake)
    return {
      receiver,
      acknowledges: true,
      send: deliver,
      sendKnown: deliver,
      [Symbol.asyncDispose]: () => receiver.stop(),
    }

    async function deliver(markers: readonly string[]) {
      const target = `127.0.0.1:${receiver.addresses.grpc!.port}`
      const { code, details } = await call(target, encodeRequest(requestOf(markers)), {}, method, {})
      if (code === 0) return 'taken' as const
      if (code === 14 && !details.includes('ECONNREFUSED')) return 'refused' as const
      throw new Error(`unexpected status ${code}: ${details}`)
    }
  },
  { knowsAgain: true },
)

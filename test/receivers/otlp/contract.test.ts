import { systemClock } from '../../../src/clock.ts'
import { otlpReceiverConfig } from '../../../src/receivers/otlp/config.ts'
import { createOtlpReceiver } from '../../../src/receivers/otlp/receiver.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { receiverContract } from '../contract.ts'
import { call, method } from './calling.ts'
import { send } from './listening.ts'
import { encodeRequest } from './oracle.ts'

const recordsOf = (markers: readonly string[]) => markers.map((marker) => ({ body: { stringValue: marker } }))
const knownOf = (markers: readonly string[]) =>
  recordsOf(markers).map((record) => ({
    ...record,
    attributes: [{ key: 'log.record.uid', value: record.body }],
  }))

for (const [name, type, encode] of [
  ['protobuf', 'application/x-protobuf', encodeRequest],
  ['JSON', 'application/json', JSON.stringify],
] as const) {
  receiverContract(
    `otlp over HTTP, ${name}`,
    async (intake) => {
      const config = otlpReceiverConfig.parse({ type: 'otlp', http: { listen: '127.0.0.1:0' } })
      const options = {
        name: 'app',
        config,
        intake,
        log: silentLog,
        metrics: createMetrics(),
        clock: systemClock,
        notify: () => {},
      }
      const receiver = createOtlpReceiver(options)
      return {
        receiver,
        acknowledges: true,
        send: (markers) => post(recordsOf(markers)),
        sendKnown: (markers) => post(knownOf(markers)),
        [Symbol.asyncDispose]: () => receiver.stop(),
      }

      async function post(logRecords: readonly object[]) {
        const body = encode({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
        const request = { method: 'POST', path: '/v1/logs', headers: { 'content-type': type } }
        const { status } = await send(receiver.addresses.http!.port, request, body)
        if (status === 200) return 'taken'
        if (status === 503) return 'refused'
        throw new Error(`unexpected status ${status}`)
      }
    },
    { knowsAgain: true },
  )
}

receiverContract(
  'otlp over gRPC',
  async (intake) => {
    const config = otlpReceiverConfig.parse({ type: 'otlp', grpc: { listen: '127.0.0.1:0' } })
    const receiver = createOtlpReceiver({
      name: 'app',
      config,
      intake,
      log: silentLog,
      metrics: createMetrics(),
      clock: systemClock,
      notify: () => {},
    })
    return {
      receiver,
      acknowledges: true,
      send: (markers) => exported(recordsOf(markers)),
      sendKnown: (markers) => exported(knownOf(markers)),
      [Symbol.asyncDispose]: () => receiver.stop(),
    }

    async function exported(logRecords: readonly object[]) {
      const message = encodeRequest({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
      const target = `127.0.0.1:${receiver.addresses.grpc!.port}`
      const { code, details } = await call(target, message, {}, method, {})
      if (code === 0) return 'taken'
      if (code === 14 && !details.includes('ECONNREFUSED')) return 'refused'
      throw new Error(`unexpected status ${code}: ${details}`)
    }
  },
  { knowsAgain: true },
)

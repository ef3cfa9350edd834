import { setTimeout as delay } from 'node:timers/promises'
import { type Fault, sinkContract } from '../contract.ts'
import { bodiesOf, type HttpAnswer, openGrpcCollector, openHttpCollector } from './collector.ts'
import { otlpSink } from './sink.ts'

const answered = (status: number): HttpAnswer => {
  return (request, response) => {
    request.resume().on('end', () => response.writeHead(status).end('no'))
    return true
  }
}

for (const options of [{}, { protocol: 'http/json', compression: 'none' }]) {
  sinkContract('otlp', {
    async open() {
      const collector = await openHttpCollector()
      const faults: Record<Fault, HttpAnswer> = {
        passing: answered(503),
        permanent: answered(401),
        partial: (request) => {
          request.once('data', () => request.socket.resetAndDestroy())
          return true
        },
        slow: async () => {
          await delay(300)
          return false
        },
        reset: (request) => {
          request.socket.resetAndDestroy()
          return true
        },
        stuck: () => true,
      }
      return {
        sink: otlpSink({ url: collector.url, ...options }),
        async become(fault) {
          collector.before = faults[fault]
        },
        async heal() {
          collector.before = () => false
        },
        received: async () => bodiesOf(collector),
        close: collector.close,
      }
    },
  })
}

sinkContract('otlp', {
  // A connection that is cut is UNAVAILABLE to the library; the proxies of test/peers/ cut real ones.
  impossible: ['partial', 'reset'],
  async open() {
    const collector = await openGrpcCollector()
    return {
      sink: otlpSink({ url: collector.url, protocol: 'grpc' }),
      async become(fault) {
        if (fault === 'slow') collector.delay = 300
        if (fault === 'passing') collector.status = { code: 14, details: 'busy' }
        if (fault === 'permanent') collector.status = { code: 16, details: 'who?' }
        if (fault === 'stuck') collector.status = 'stuck'
      },
      async heal() {
        collector.status = undefined
        collector.delay = 0
      },
      received: async () => bodiesOf(collector),
      close: collector.close,
    }
  },
})

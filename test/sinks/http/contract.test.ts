import { setTimeout as delay } from 'node:timers/promises'
import { type Fault, sinkContract } from '../contract.ts'
import { type Answer, httpSink, openHttpDestination } from './destination.ts'

for (const compression of ['none', 'gzip']) {
  sinkContract('http', {
    async open() {
      const destination = await openHttpDestination()
      const healthy = destination.answer
      const faults: Record<Fault, Answer> = {
        passing: (request, response) =>
          void request.resume().on('end', () => response.writeHead(503).end('busy')),
        permanent: (request, response) =>
          void request.resume().on('end', () => response.writeHead(401).end('who?')),
        partial: (request) => void request.once('data', () => request.socket.resetAndDestroy()),
        slow: async (request, response) => {
          await delay(300)
          await destination.accept(request, response)
        },
        reset: (request) => void request.socket.resetAndDestroy(),
        stuck: () => undefined,
      }
      return {
        sink: httpSink({ url: destination.url, compression }),
        async become(fault) {
          destination.answer = faults[fault]
        },
        async heal() {
          destination.answer = healthy
        },
        received: async () => destination.lines(),
        close: () => destination.close(),
      }
    },
  })
}

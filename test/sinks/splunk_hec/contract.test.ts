import { setTimeout as delay } from 'node:timers/promises'
import { type Fault, sinkContract } from '../contract.ts'
import { type HecAnswer, HecServer } from './hec-server.ts'
import { hecSink } from './sink.ts'

const answered = (status: number, code: number, text: string): HecAnswer => {
  return (request, response) => {
    request.resume().on('end', () => response.writeHead(status).end(JSON.stringify({ text, code })))
    return true
  }
}

for (const options of [
  {},
  { acknowledge: true, ack: { interval: '10ms', timeout: '5s' } },
  { endpoint: 'raw', compression: 'none' },
]) {
  sinkContract('splunk_hec', {
    async open() {
      const hec = await HecServer.open()
      hec.acknowledges = 'acknowledge' in options
      const faults: Record<Fault, HecAnswer> = {
        passing: answered(503, 9, 'Server is busy'),
        permanent: answered(403, 1, 'Token disabled'),
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
        sink: hecSink({ url: hec.url, ...options }),
        async become(fault) {
          hec.before = faults[fault]
        },
        async heal() {
          hec.before = () => false
        },
        received: async () => hec.lines,
        close: () => hec[Symbol.asyncDispose](),
      }
    },
  })
}

import { setTimeout as delay } from 'node:timers/promises'
import { type Fault, sinkContract } from '../contract.ts'
import { type Answer, openBucket, refuse, s3Sink } from './bucket.ts'

sinkContract('s3', {
  async open() {
    const bucket = await openBucket()
    const faults: Record<Fault, Answer> = {
      passing: (request, response) =>
        void request.resume().on('end', () => refuse(response, 503, 'SlowDown')),
      permanent: (request, response) =>
        void request.resume().on('end', () => refuse(response, 403, 'InvalidAccessKeyId')),
      partial: (request, response) => {
        if (request.method === 'HEAD') return bucket.accept(request, response)
        request.once('data', () => request.socket.resetAndDestroy())
      },
      slow: async (request, response) => {
        await delay(300)
        await bucket.accept(request, response)
      },
      reset: (request) => void request.socket.resetAndDestroy(),
      stuck: () => undefined,
    }
    const sink = s3Sink(bucket.url)
    const partition = JSON.stringify({ hour: '', key: '{range}' })
    return {
      sink: { ...sink, deliver: (batch, signal) => sink.deliver({ ...batch, partition }, signal) },
      async become(fault) {
        bucket.answer = faults[fault]
      },
      async heal() {
        bucket.answer = bucket.accept
      },
      received: async () => bucket.lines(),
      close: async () => await bucket[Symbol.asyncDispose](),
    }
  },
})

/** The `http` sink: one request a batch. */
import type { Clock } from '../../clock.ts'
import type { DeliveryBatch, Outcome, Sink } from '../sink.ts'
import { classifyFailure } from '../transport/answer.ts'
import { concealer } from '../transport/conceal.ts'
import { classifyAnswer } from './classify.ts'
import type { HttpSinkConfig } from './config.ts'
import { secretsOf } from './credentials.ts'
import { encodeBody } from './encode.ts'
import { type HttpSender, openSender } from './send.ts'

export interface HttpSinkOptions {
  readonly name: string
  readonly config: HttpSinkConfig
  readonly clock: Pick<Clock, 'now'>
}

export function createHttpSink({ name, config, clock }: HttpSinkOptions): Sink {
  const { origin, pathname } = new URL(config.url)
  const conceal = concealer(() => secretsOf(config))
  let sender: HttpSender | undefined

  return {
    name,
    type: 'http',
    plans: 'cut',
    // Without the query, where some destinations want their keys.
    target: origin + pathname,

    async start() {
      sender = await openSender(name, config)
    },

    async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<Outcome> {
      if (sender === undefined) return { kind: 'later', reason: 'the sink is not started' }
      try {
        const body = await encodeBody(batch, config)
        const answer = await sender.send(batch, body, signal)
        const outcome = classifyAnswer(answer, conceal(answer.text), clock.now())
        if (outcome.kind === 'accepted' && (body !== batch.lines || sender.flushed)) {
          return { ...outcome, released: true }
        }
        return outcome
      } catch (thrown) {
        return classifyFailure(thrown)
      }
    },

    async stop() {
      await sender?.close()
      sender = undefined
    },
  }
}

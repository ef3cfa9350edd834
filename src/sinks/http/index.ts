/** The `http` sink: one request a batch. */
import type { Clock } from '../../clock.ts'
import { asError, systemCode } from '../../errors.ts'
import type { DeliveryBatch, Outcome, Sink } from '../sink.ts'
import { classifyAnswer, classifyError } from './classify.ts'
import type { HttpSinkConfig } from './config.ts'
import { encodeBody } from './encode.ts'
import { type HttpSender, openSender } from './send.ts'

export interface HttpSinkOptions {
  readonly name: string
  readonly config: HttpSinkConfig
  readonly clock: Pick<Clock, 'now'>
}

export function createHttpSink({ name, config, clock }: HttpSinkOptions): Sink {
  const { origin, pathname } = new URL(config.url)
  let sender: HttpSender | undefined

  return {
    name,
    type: 'http',
    // Without the query, where some destinations want their keys.
    target: origin + pathname,

    async start() {
      sender = await openSender(name, config)
    },

    async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<Outcome> {
      if (sender === undefined) return { kind: 'later', reason: 'the sink is not started' }
      try {
        const body = await encodeBody(batch, config)
        const outcome = classifyAnswer(await sender.send(batch, body, signal), clock.now())
        if (outcome.kind === 'accepted' && (body !== batch.lines || sender.flushed)) {
          return { ...outcome, released: true }
        }
        return outcome
      } catch (thrown) {
        const error = innermost(asError(thrown))
        return classifyError(systemCode(error), error.message || error.name)
      }
    },

    async stop() {
      await sender?.close()
      sender = undefined
    },
  }
}

/** `AggregateError` (every address of a host refused) and wrappers say little themselves. */
function innermost(error: Error): Error {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(asError(error.errors[0]))
  return error.cause instanceof Error && error.message === '' ? innermost(error.cause) : error
}

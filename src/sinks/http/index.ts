/** The `http` sink: one request a batch, or one an event. */
import type { Clock } from '../../clock.ts'
import { AffiantError } from '../../errors.ts'
import type { DeliveryBatch, Outcome, Sink } from '../sink.ts'
import { type Answer, classifyFailure } from '../transport/answer.ts'
import { concealer } from '../transport/conceal.ts'
import { Endpoints } from '../transport/endpoints.ts'
import { type SharedBodies, unshared } from '../transport/shared-bodies.ts'
import { classifyAnswer } from './classify.ts'
import type { HttpSinkConfig } from './config.ts'
import { type Credentials, openCredentials } from './credentials.ts'
import { encodeBody } from './encode.ts'
import { compileEnvelope } from './envelope.ts'
import { TokenError } from './oauth.ts'
import { type HttpRequest, type HttpSender, openSender } from './send.ts'
import { firstOf } from './single.ts'

export interface HttpSinkOptions {
  readonly name: string
  readonly config: HttpSinkConfig
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly bodies?: SharedBodies | undefined
}

export function createHttpSink({ name, config, clock, bodies }: HttpSinkOptions): Sink {
  const envelope = compileEnvelope(name, config)
  const { format, shape, compression, compression_level: level } = config
  // Lines as they are need no encoding.
  const share =
    format === 'single' || (format === 'ndjson' && shape === 'affiant' && compression === 'none')
      ? unshared
      : (bodies?.join(`http ${format} ${shape} ${compression} ${level}`) ?? unshared)
  let credentials: Credentials | undefined
  const conceal = concealer(() => [...(credentials?.known() ?? []), ...(sender?.known() ?? [])])
  const endpoints = new Endpoints(config.url, () => clock.monotonic())
  let sender: HttpSender | undefined

  /** Sends it; once more where its secrets were not taken and have changed. */
  async function exchange(open: HttpSender, request: HttpRequest, signal: AbortSignal): Promise<Answer> {
    const secrets = (await credentials?.headers()) ?? {}
    const answer = await open.send(request, secrets, signal)
    if (answer.status !== 401) return answer
    credentials?.distrust(secrets)
    const anew = (await credentials?.headers()) ?? {}
    return Object.entries(anew).some(([header, value]) => secrets[header] !== value)
      ? await open.send(request, anew, signal)
      : answer
  }

  async function ask(
    open: HttpSender,
    request: Omit<HttpRequest, 'index'>,
    signal: AbortSignal,
  ): Promise<Outcome> {
    return endpoints.ask(signal, async ({ index }) => {
      try {
        const answer = await exchange(open, { ...request, index }, signal)
        return classifyAnswer(answer, conceal(answer.text), clock.now(), config.status)
      } catch (thrown) {
        if (thrown instanceof TokenError) return { kind: thrown.kind, reason: thrown.message }
        // A secret that cannot be read is somebody's to put right.
        if (thrown instanceof AffiantError) return { kind: 'held', reason: thrown.message }
        return classifyFailure(thrown)
      }
    })
  }

  async function deliverWhole(open: HttpSender, batch: DeliveryBatch, signal: AbortSignal): Promise<Outcome> {
    const { key, partition } = batch
    const body = await share(batch, () => encodeBody(batch, config))
    const outcome = await ask(open, { key, partition, body }, signal)
    const released = outcome.kind === 'accepted' && (body !== batch.lines || open.flushed)
    return released ? { ...outcome, released: true } : outcome
  }

  /** One event, and no more: what it came to is on record before the next is sent. */
  async function deliverSingly(
    open: HttpSender,
    batch: DeliveryBatch,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const event = firstOf(batch)
    const body = await encodeBody(event, config)
    const outcome = await ask(open, { key: event.key, partition: batch.partition, body }, signal)
    if (outcome.kind === 'refused') {
      const { tooLarge: _alone, ...rest } = outcome
      return { ...rest, which: 'single' }
    }
    return outcome.kind === 'accepted' ? { kind: 'accepted', taken: 1 } : outcome
  }

  return {
    name,
    type: 'http',
    plans: 'cut',
    ...(envelope.partition && { partition: envelope.partition }),
    // Without the query, where some destinations want their keys.
    target: config.url.map(({ url }) => url.replace(/\?.*$/, '')).join(', '),
    endpoints: () => endpoints.status(),

    async start() {
      credentials = await openCredentials(name, config)
      sender = await openSender({ sink: name, config, envelope, now: () => clock.now() })
    },

    async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<Outcome> {
      if (sender === undefined) return { kind: 'later', reason: 'the sink is not started' }
      return config.format === 'single'
        ? await deliverSingly(sender, batch, signal)
        : await deliverWhole(sender, batch, signal)
    },

    async stop() {
      await sender?.close()
      await credentials?.close()
      sender = undefined
    },
  }
}

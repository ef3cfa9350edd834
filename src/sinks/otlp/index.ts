/** The `otlp` sink: one export request a batch. */
import type { Clock } from '../../clock.ts'
import type { DeliveryBatch, Outcome, Sink } from '../sink.ts'
import { classifyFailure } from '../transport/answer.ts'
import { concealer } from '../transport/conceal.ts'
import { Endpoints } from '../transport/endpoints.ts'
import { openSecret } from '../transport/secret.ts'
import { type SharedBodies, unshared } from '../transport/shared-bodies.ts'
import type { OtlpSinkConfig } from './config.ts'
import { encodeBody } from './encode.ts'
import { type Exporter, openExporter } from './send.ts'

export interface OtlpSinkOptions {
  readonly name: string
  readonly config: OtlpSinkConfig
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly bodies?: SharedBodies | undefined
}

export function createOtlpSink({ name, config, clock, bodies }: OtlpSinkOptions): Sink {
  const { protocol, body: form, compression } = config
  const share = bodies?.join(`otlp ${protocol} ${form} ${compression}`) ?? unshared
  const endpoints = new Endpoints(config.url, () => clock.monotonic())
  const headers = Object.entries(config.headers).map(([header, secret]) => ({
    header: header.toLowerCase(),
    secret: openSecret({ what: `sink ${name}: headers.${header}`, config: secret }),
  }))
  const conceal = concealer(() => headers.map(({ secret }) => secret.known))
  let exporters: readonly Exporter[] = []

  async function readHeaders(): Promise<Record<string, string>> {
    const read: Record<string, string> = {}
    for (const { header, secret } of headers) read[header] = await secret.current()
    return read
  }

  async function send(
    exporter: Exporter,
    body: Buffer,
    count: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    let values: Record<string, string>
    try {
      values = await readHeaders()
    } catch (error) {
      return { kind: 'held', reason: error instanceof Error ? error.message : String(error) }
    }
    try {
      const outcome = await exporter.send(body, count, values, signal)
      // A token may be what is wrong: it is read anew.
      if (outcome.kind === 'held') for (const { secret } of headers) secret.distrust()
      return outcome
    } catch (thrown) {
      return classifyFailure(thrown)
    }
  }

  return {
    name,
    type: 'otlp',
    plans: 'cut',
    target: config.url.map(({ url }) => new URL(url).origin).join(', '),
    endpoints: () => endpoints.status(),

    async start() {
      const opened: Exporter[] = []
      for (const { url } of config.url) {
        opened.push(await openExporter({ sink: name, url, config, conceal, now: () => clock.now() }))
      }
      exporters = opened
    },

    async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<Outcome> {
      if (exporters.length === 0) return { kind: 'later', reason: 'the sink is not started' }
      const body = await share(batch, () => encodeBody(batch, config))
      const outcome = await endpoints.ask(signal, ({ index }) =>
        send(exporters[index]!, body, batch.count, signal),
      )
      // The body is a copy: nothing of the batch is in a socket.
      return outcome.kind === 'accepted' ? { ...outcome, released: true } : outcome
    },

    async stop() {
      const opened = exporters
      exporters = []
      for (const exporter of opened) await exporter.close()
    },
  }
}

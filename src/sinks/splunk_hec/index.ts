/** The `splunk_hec` sink: one request a batch, to one of its endpoints; settled by its answer, or its acknowledgement. */
import type { Clock } from '../../clock.ts'
import type { DeliveryBatch, Outcome, Sink } from '../sink.ts'
import { type Answer, classifyFailure, retryAfterOf } from '../transport/answer.ts'
import { concealer } from '../transport/conceal.ts'
import { type ChosenEndpoint, Endpoints } from '../transport/endpoints.ts'
import { openSecret, type Secret } from '../transport/secret.ts'
import { type ShareBody, type SharedBodies, unshared } from '../transport/shared-bodies.ts'
import { classifyReply, readReply } from './classify.ts'
import type { SplunkHecSinkConfig } from './config.ts'
import { createEncoder, type Encode } from './encode.ts'
import { compileMetadata, type Metadata, type Shared, sharedOf } from './metadata.ts'
import { HecEndpoint } from './send.ts'

export interface SplunkHecSinkOptions {
  readonly name: string
  readonly config: SplunkHecSinkConfig
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly bodies?: SharedBodies | undefined
}

export function createSplunkHecSink({ name, config, clock, bodies }: SplunkHecSinkOptions): Sink {
  const metadata = compileMetadata(name, config)
  return new SplunkHecSink(name, config, clock, metadata, shareOf(config, bodies))
}

function shareOf(config: SplunkHecSinkConfig, bodies: SharedBodies | undefined): ShareBody {
  const {
    endpoint,
    shape,
    index,
    source,
    sourcetype,
    host,
    fields,
    compression,
    compression_level: level,
  } = config
  // Lines as they are need no encoding.
  if (endpoint === 'raw' && shape === 'affiant' && compression === 'none') return unshared
  const metadata = JSON.stringify([index, source, sourcetype, host, fields])
  return bodies?.join(`splunk_hec ${endpoint} ${shape} ${compression} ${level} ${metadata}`) ?? unshared
}

class SplunkHecSink implements Sink {
  readonly type = 'splunk_hec'
  readonly plans = 'cut'
  readonly name: string
  readonly partition?: NonNullable<Sink['partition']>
  readonly #config: SplunkHecSinkConfig
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>
  readonly #constants: Shared
  readonly #encode: Encode
  readonly #share: ShareBody
  readonly #endpoints: Endpoints
  /** By name; '' is the sink's own. */
  readonly #tokens: ReadonlyMap<string, Secret>
  readonly #conceal: (text: string) => string
  /** Names of tokens with which acknowledgement ids have come. */
  readonly #acknowledging = new Set<string>()
  #open: readonly HecEndpoint[] = []

  constructor(
    name: string,
    config: SplunkHecSinkConfig,
    clock: Pick<Clock, 'now' | 'monotonic'>,
    metadata: Metadata,
    share: ShareBody,
  ) {
    this.name = name
    this.#share = share
    this.#config = config
    this.#clock = clock
    if (metadata.partition) this.partition = metadata.partition
    this.#constants = metadata.constants
    this.#encode = createEncoder(config, metadata)
    this.#endpoints = new Endpoints(config.url, () => clock.monotonic())
    this.#tokens = new Map(
      Object.entries({ '': config.token, ...config.tokens }).map(([token, secret]) => {
        const what = `sink ${name}: ${token === '' ? 'token' : `tokens.${token}`}`
        return [token, openSecret({ what, config: secret })]
      }),
    )
    this.#conceal = concealer(() => [...this.#tokens.values()].map(({ known }) => known))
  }

  get target(): string {
    return this.#config.url.map(({ url }) => new URL(url).origin).join(', ')
  }

  async start(): Promise<void> {
    const opened: HecEndpoint[] = []
    for (const { url } of this.#config.url) opened.push(await HecEndpoint.open(this.name, url, this.#config))
    this.#open = opened
  }

  async stop(): Promise<void> {
    const opened = this.#open
    this.#open = []
    for (const endpoint of opened) await endpoint.close()
  }

  endpoints = () => this.#endpoints.status()

  async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<Outcome> {
    if (this.#open.length === 0) return { kind: 'later', reason: 'the sink is not started' }
    try {
      const body = await this.#share(batch, () => this.#encode(batch))
      return await this.#endpoints.ask(signal, (chosen) => this.#send(chosen, batch, body, signal))
    } catch (thrown) {
      return classifyFailure(thrown)
    }
  }

  async #send(
    chosen: ChosenEndpoint,
    batch: DeliveryBatch,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const endpoint = this.#open[chosen.index]!
    try {
      if (chosen.circuit.state === 'half_open' && !(await endpoint.isHealthy(signal))) {
        return { kind: 'later', reason: 'it says that it is not healthy' }
      }
      return await this.#exchange(endpoint, batch, body, signal)
    } catch (thrown) {
      return classifyFailure(thrown)
    }
  }

  async #exchange(
    endpoint: HecEndpoint,
    batch: DeliveryBatch,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const shared = { ...this.#constants, ...sharedOf(batch.partition) }
    const tokenName = shared.token ?? ''
    const secret = this.#tokens.get(tokenName)
    if (secret === undefined) {
      return { kind: 'held', partition: true, reason: `there is no token named "${tokenName}" in \`tokens\`` }
    }
    const read = () => secret.current()
    const channel = endpoint.channel(tokenName, read)
    let token = await this.#read(secret)
    if (typeof token !== 'string') return token
    let answer = await endpoint.send(body, token, channel, shared, signal)
    if (answer.status === 401 || answer.status === 403) {
      // It may have been changed since it was read.
      secret.distrust()
      const before = token
      token = await this.#read(secret)
      if (typeof token !== 'string') return token
      if (token !== before) answer = await endpoint.send(body, token, channel, shared, signal)
    }
    const reply = readReply(answer.text)
    const outcome = this.#classify(answer, batch)
    if (outcome.kind !== 'accepted') return outcome
    if (this.#config.acknowledge) {
      if (reply.ackId === undefined) return this.#withoutId(tokenName)
      this.#acknowledging.add(tokenName)
      const reason = await channel.acks.wait(reply.ackId, signal)
      if (reason !== undefined) {
        endpoint.abandon(channel)
        return { kind: 'later', reason: this.#conceal(reason) }
      }
    }
    return body !== batch.lines || endpoint.flushed ? { kind: 'accepted', released: true } : outcome
  }

  /** Once is an accident; of a token that has never given one, acknowledgement is not enabled. */
  #withoutId(tokenName: string): Outcome {
    const reason = 'taken, but without an acknowledgement id to ask about'
    if (this.#acknowledging.has(tokenName)) return { kind: 'later', reason }
    return {
      kind: 'held',
      reason: `${reason}: enable indexer acknowledgement at the token, or set acknowledge: false`,
      // Where other tokens give one. All of it together: Splunk has these events already.
      partition: true,
    }
  }

  async #read(secret: Secret): Promise<string | Outcome> {
    try {
      return await secret.current()
    } catch (error) {
      return { kind: 'held', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  #classify(answer: Answer, batch: DeliveryBatch): Outcome {
    const reply = readReply(answer.text)
    const said = this.#conceal(reply.text ?? answer.text)
    const outcome = classifyReply(answer, reply, said, batch.count, sharedOf(batch.partition))
    switch (outcome.kind) {
      case 'later': {
        const retryAfter = retryAfterOf(answer, this.#clock.now())
        return retryAfter === undefined ? outcome : { ...outcome, retryAfter }
      }
      case 'refused':
      case 'held': {
        // What Splunk took before the bad event has no acknowledgement: it is sent again, and proven.
        const { taken = 0, ...unproven } = outcome
        if (!this.#config.acknowledge || taken === 0) return outcome
        return unproven.kind === 'refused' ? { ...unproven, at: taken } : unproven
      }
      case 'accepted':
        return outcome
    }
  }
}

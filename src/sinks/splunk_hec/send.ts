/** Requests to one Splunk endpoint: events, acknowledgements, health. */
import { randomUUID } from 'node:crypto'
import type { Answer } from '../transport/answer.ts'
import { openTransport, type Transport } from '../transport/transport.ts'
import { Acks } from './acks.ts'
import type { SplunkHecSinkConfig } from './config.ts'
import type { Shared } from './metadata.ts'

/** Splunk's answers are short; one about a thousand acknowledgements is not. Bytes. */
const KEPT = 64 * 1024
/** An endpoint that does not answer a question about its health in this time has none. Milliseconds. */
const HEALTH_TIMEOUT = 5_000

/** A channel: Splunk counts acknowledgement ids for each, so each has its own questions. */
export interface Channel {
  readonly id: string
  /** Name of its token. */
  readonly token: string
  readonly acks: Acks
}

export class HecEndpoint {
  readonly #transport: Transport
  readonly #config: SplunkHecSinkConfig
  /** `/services/collector`, behind the URL's own path. */
  readonly #base: string
  /** By token name. */
  readonly #channels = new Map<string, Channel>()
  /** Of all channels that batches wait on, those abandoned included. */
  readonly #acks = new Set<Acks>()

  private constructor(transport: Transport, url: string, config: SplunkHecSinkConfig) {
    this.#transport = transport
    this.#config = config
    const { pathname } = new URL(url)
    this.#base = `${pathname.replace(/\/(?:services\/collector(?:\/event|\/raw)?\/?)?$/, '')}/services/collector`
  }

  static async open(sink: string, url: string, config: SplunkHecSinkConfig): Promise<HecEndpoint> {
    const { timeout, tls, proxy } = config
    return new HecEndpoint(await openTransport({ sink, origin: url, timeout, tls, proxy }), url, config)
  }

  get flushed(): boolean {
    return this.#transport.flushed
  }

  /** The channel of a token; a new one after `abandon`. */
  channel(tokenName: string, token: () => Promise<string>): Channel {
    let channel = this.#channels.get(tokenName)
    if (channel === undefined) {
      const id = randomUUID()
      const { interval, timeout } = this.#config.ack
      const ask = async (acks: readonly number[], signal: AbortSignal) =>
        this.#post(`/ack?channel=${id}`, Buffer.from(JSON.stringify({ acks })), await token(), opened, signal)
      const opened: Channel = {
        id,
        token: tokenName,
        acks: new Acks({ interval, timeout, ask, running: this.#acks }),
      }
      this.#channels.set(tokenName, opened)
      channel = opened
    }
    return channel
  }

  /**
   * Splunk may have forgotten this channel's ids, as it does when it is started anew: no further batch gets one there,
   * which could be the same as one that is waited for.
   */
  abandon(channel: Channel): void {
    if (this.#channels.get(channel.token) === channel) this.#channels.delete(channel.token)
  }

  send(body: Buffer, token: string, channel: Channel, shared: Shared, signal: AbortSignal): Promise<Answer> {
    const { endpoint, compression } = this.#config
    const encoding = compression === 'none' ? undefined : compression
    return this.#post(
      endpoint === 'raw' ? rawPath(channel.id, shared) : '/event',
      body,
      token,
      channel,
      signal,
      encoding,
    )
  }

  /** Whether it says that it takes events. */
  async isHealthy(signal: AbortSignal): Promise<boolean> {
    const { status } = await this.#transport.request(
      { method: 'GET', path: `${this.#base}/health`, headers: {}, timeout: HEALTH_TIMEOUT },
      signal,
    )
    // Older and lookalike servers have no such path, and gateways let nobody see it; then the next request will tell.
    return status !== 429 && (status < 500 || status === 501)
  }

  async close(): Promise<void> {
    await this.#transport.close()
    for (const acks of this.#acks) await acks.close()
  }

  async #post(
    path: string,
    body: Buffer,
    token: string,
    channel: Channel,
    signal: AbortSignal,
    encoding?: string,
  ): Promise<Answer> {
    try {
      return await this.#request(path, body, token, channel.id, signal, encoding)
    } catch (thrown) {
      this.abandon(channel)
      throw thrown
    }
  }

  #request(
    path: string,
    body: Buffer,
    token: string,
    channel: string,
    signal: AbortSignal,
    encoding?: string,
  ): Promise<Answer> {
    return this.#transport.request(
      {
        method: 'POST',
        path: this.#base + path,
        headers: {
          authorization: `Splunk ${token}`,
          'content-type': 'application/json',
          'x-splunk-request-channel': channel,
          ...(encoding !== undefined && { 'content-encoding': encoding }),
        },
        body,
        keep: KEPT,
      },
      signal,
    )
  }
}

function rawPath(channel: string, { token: _token, ...shared }: Shared): string {
  return `/raw?${new URLSearchParams({ channel, ...shared }).toString()}`
}

/** Requests: what is fixed of them is put together once. */
import type { Answer } from '../transport/answer.ts'
import type { Concealed } from '../transport/conceal.ts'
import { openTransport, type Transport } from '../transport/transport.ts'
import type { HttpSinkConfig } from './config.ts'
import { contentTypeOf } from './encode.ts'
import type { Envelope } from './envelope.ts'
import { createSigner } from './signature.ts'

export interface HttpRequest {
  /** Which of the sink's URLs. */
  readonly index: number
  readonly partition: string
  /** The same in every attempt. */
  readonly key: string
  readonly body: Buffer
}

export interface HttpSender {
  /** Rejects when no answer came in time; with the signal's reason when it aborts. */
  send(request: HttpRequest, secrets: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer>
  /** No request's bytes wait in a socket. A destination may answer before it has read to the end. */
  readonly flushed: boolean
  /** What must not be shown of its own secrets. */
  known(): Concealed[]
  close(): Promise<void>
}

export interface SenderOptions {
  /** Its name, for messages. */
  readonly sink: string
  readonly config: HttpSinkConfig
  readonly envelope: Envelope
  /** Unix milliseconds. */
  readonly now: () => number
}

export async function openSender({ sink, config, envelope, now }: SenderOptions): Promise<HttpSender> {
  const { timeout, tls, proxy, method, compression, sign } = config
  const transports: Transport[] = []
  for (const { url } of config.url) {
    transports.push(await openTransport({ sink, origin: url, timeout, tls, proxy }))
  }
  const fixed = {
    'content-type': contentTypeOf(config),
    ...(compression !== 'none' && { 'content-encoding': compression }),
  }
  const signer = sign && createSigner(sign)
  const { sigv4: aws } = config.auth ?? {}
  const sigv4 = aws && (await import('./sigv4.ts')).createSigV4(sink, aws)

  return {
    async send({ index, partition, key, body }, secrets, signal) {
      const unsigned = {
        ...fixed,
        ...envelope.headers(partition),
        ...secrets,
        ...signer?.(key, body, now()),
        'idempotency-key': key,
      }
      const path = envelope.path(partition, index)
      const { host } = new URL(config.url[index]!.url)
      const headers = sigv4
        ? { ...unsigned, ...(await sigv4.sign({ method, host, path, headers: unsigned, body })) }
        : unsigned
      const answer = await transports[index]!.request({ method, path, headers, body }, signal)
      // AWS says 403 when temporary credentials are over.
      if (answer.status === 401 || answer.status === 403) sigv4?.distrust()
      return answer
    },
    known: () => sigv4?.known() ?? [],
    get flushed() {
      return transports.every(({ flushed }) => flushed)
    },
    async close() {
      for (const transport of transports) await transport.close()
    },
  }
}

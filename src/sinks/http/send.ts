/** One request a batch. */
import type { DeliveryBatch } from '../sink.ts'
import type { Answer } from '../transport/answer.ts'
import { openTransport } from '../transport/transport.ts'
import type { HttpSinkConfig } from './config.ts'
import { authorization } from './credentials.ts'
import { contentTypes } from './encode.ts'

export interface HttpSender {
  /** Rejects when no answer came in time; with the signal's reason when it aborts. */
  send(batch: DeliveryBatch, body: Buffer, signal: AbortSignal): Promise<Answer>
  /** No request's bytes wait in a socket. A destination may answer before it has read to the end. */
  readonly flushed: boolean
  close(): Promise<void>
}

/** @param sink its name, for messages */
export async function openSender(sink: string, config: HttpSinkConfig): Promise<HttpSender> {
  const { origin, pathname, search } = new URL(config.url)
  const { timeout, tls } = config
  const transport = await openTransport({ sink, origin, timeout, tls })
  const headers: Record<string, string> = { 'content-type': contentTypes[config.format] }
  for (const [name, value] of Object.entries(config.headers)) headers[name.toLowerCase()] = value
  if (config.compression !== 'none') headers['content-encoding'] = config.compression
  const identity = authorization(config.auth)
  if (identity !== undefined) headers.authorization = identity

  return {
    send: (batch, body, signal) =>
      transport.request(
        {
          method: config.method,
          path: pathname + search,
          headers: { ...headers, 'idempotency-key': batch.key },
          body,
        },
        signal,
      ),
    get flushed() {
      return transport.flushed
    },
    close: () => transport.close(),
  }
}

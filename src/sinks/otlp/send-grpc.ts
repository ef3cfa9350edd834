/** Export over gRPC: `LogsService/Export`, with messages encoded and read by us. */
import { Client, type ClientOptions, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { version } from '../../version.ts'
import type { Outcome } from '../sink.ts'
import { readTls } from '../transport/tls.ts'
import { classifyCode, classifyPartial } from './classify.ts'
import { readPartialSuccess, readRetryInfo } from './response.ts'
import type { Exporter, ExporterOptions } from './send.ts'

const METHOD = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
/** The library's number for gzip. */
const GZIP = 2

export async function openGrpcExporter({ sink, url, config, conceal }: ExporterOptions): Promise<Exporter> {
  const { protocol, host, hostname, port } = new URL(url)
  const tls = await readTls(sink, config.tls)
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text))
  const channel =
    protocol === 'https:'
      ? credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert))
      : credentials.createInsecure()
  const options: ClientOptions = {
    'grpc.primary_user_agent': `affiant/${version}`,
    'grpc.max_send_message_length': -1,
    // Delivery has its own patience; the connection should be there when it tries again.
    'grpc.enable_retries': 0,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 5_000,
    // Otherwise a new client is given the connection of the one before it.
    'grpc.use_local_subchannel_pool': 1,
    ...(config.compression === 'gzip' && { 'grpc.default_compression_algorithm': GZIP }),
  }
  const address = port === '' ? `${hostname}:${protocol === 'https:' ? 443 : 80}` : host
  const connect = () => new Client(address, channel, options)
  let client = connect()

  /**
   * A connection that died on the way tells nobody, and the library waits for it without end. Pings would find out, but
   * collectors close on who pings more often than every five minutes. Calls under way on it may end.
   */
  function giveUp(silent: Client): void {
    if (silent !== client) return
    client = connect()
    silent.close()
  }

  return {
    send(body, count, headers, signal) {
      const metadata = new Metadata()
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
      const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
      if (signal.aborted) reject(signal.reason)
      const same = (bytes: Buffer) => bytes
      const deadline = Date.now() + config.timeout
      const used = client
      const call = used.makeUnaryRequest(METHOD, same, same, body, metadata, { deadline }, (error, reply) => {
        if (error?.code === status.DEADLINE_EXCEEDED) giveUp(used)
        if (error) resolve(classifyError(error, conceal))
        else resolve(classifyReply(reply ?? Buffer.alloc(0), count, conceal))
      })
      const abort = () => {
        reject(signal.reason)
        call.cancel()
      }
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) abort()
      return promise.finally(() => signal.removeEventListener('abort', abort))
    },
    async close() {
      client.close()
    },
  }
}

function classifyReply(reply: Buffer, count: number, conceal: (text: string) => string): Outcome {
  try {
    const partial = readPartialSuccess(reply, false)
    return partial === undefined
      ? { kind: 'accepted' }
      : classifyPartial(partial, conceal(partial.message), count)
  } catch {
    return { kind: 'held', reason: 'OK with a message that is no OTLP answer' }
  }
}

function classifyError(error: ServiceError, conceal: (text: string) => string): Outcome {
  const [details] = error.metadata?.get('grpc-status-details-bin') ?? []
  const retryInfo = Buffer.isBuffer(details) ? readRetryInfo(details) : undefined
  return classifyCode(error.code, conceal(error.details), retryInfo)
}

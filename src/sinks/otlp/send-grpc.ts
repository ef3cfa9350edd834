/** Export over gRPC: `LogsService/Export`, with messages encoded and read by us. */
import { Client, type ClientOptions, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { version } from '../../version.ts'
import type { Outcome } from '../sink.ts'
import { proxyFor } from '../transport/proxy.ts'
import { openTls, type TlsMaterial } from '../transport/tls.ts'
import { classifyCode, classifyPartial } from './classify.ts'
import { readPartialSuccess, readRetryInfo } from './response.ts'
import type { Exporter, ExporterOptions } from './send.ts'

const METHOD = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
/** The library's number for gzip. */
const GZIP = 2

export async function openGrpcExporter({ sink, url, config, conceal }: ExporterOptions): Promise<Exporter> {
  const tls = await openTls(sink, config.tls)
  let material = await tls.current()
  const env = { ...process.env, ...ownVariables(process.env) }
  const proxy = proxyFor({ sink, url, proxy: config.proxy, env })
  const open = () => openClient({ url, config, proxy, material })
  let client = open()

  /** A new one for new certificates. */
  async function current(): Promise<Client> {
    const now = await tls.current()
    if (now === material) return client
    client.close()
    material = now
    client = open()
    return client
  }

  /**
   * A connection that died on the way tells nobody, and the library waits for it without end. Pings would find out, but
   * collectors close on who pings more often than every five minutes. Calls under way on it may end.
   */
  function giveUp(silent: Client): void {
    if (silent !== client) return
    client = open()
    silent.close()
  }

  return {
    async send(body, count, headers, signal) {
      const metadata = new Metadata()
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
      const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
      signal.throwIfAborted()
      const same = (bytes: Buffer) => bytes
      const deadline = Date.now() + config.timeout
      const used = await current()
      const call = used.makeUnaryRequest(METHOD, same, same, body, metadata, { deadline }, (error, reply) => {
        if (error?.code === status.DEADLINE_EXCEEDED) giveUp(used)
        if (error) resolve(classifyError(error, count, conceal))
        else resolve(classifyReply(reply ?? Buffer.alloc(0), count, conceal))
      })
      const abort = () => {
        reject(signal.reason)
        call.cancel()
      }
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) abort()
      try {
        return await promise
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
    async close() {
      client.close()
    },
  }
}

/** gRPC's own names for the same. */
const ownVariables = ({ grpc_proxy: proxy, no_grpc_proxy: except }: NodeJS.ProcessEnv) => ({
  ...(proxy && { http_proxy: proxy, https_proxy: proxy }),
  ...(except && { no_proxy: except }),
})

interface ClientChoice {
  readonly url: string
  readonly config: ExporterOptions['config']
  readonly proxy: URL | undefined
  readonly material: TlsMaterial
}

function openClient({ url, config, proxy, material }: ClientChoice): Client {
  const { protocol, host, hostname, port } = new URL(url)
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text))
  const channel =
    protocol === 'https:'
      ? credentials.createSsl(pem(material.ca), pem(material.key), pem(material.cert), {
          // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
          rejectUnauthorized: true,
        })
      : credentials.createInsecure()
  const address = port === '' ? `${hostname}:${protocol === 'https:' ? 443 : 80}` : host
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
    // The library knows a part of the variables only; what it does with those is done here for all of them.
    'grpc.enable_http_proxy': 0,
    ...(proxy && through(proxy, address)),
  }
  return new Client(proxy ? `dns:${proxy.hostname}:${proxy.port || 80}` : address, channel, options)
}

/** A tunnel (CONNECT) to the address. */
function through({ username, password }: URL, address: string): ClientOptions {
  return {
    'grpc.default_authority': address,
    'grpc.http_connect_target': `dns:${address}`,
    ...(username !== '' && {
      'grpc.http_connect_creds': decodeURIComponent(password === '' ? username : `${username}:${password}`),
    }),
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

function classifyError(error: ServiceError, count: number, conceal: (text: string) => string): Outcome {
  const [details] = error.metadata?.get('grpc-status-details-bin') ?? []
  const retryInfo = Buffer.isBuffer(details) ? readRetryInfo(details) : undefined
  return classifyCode(error.code, conceal(error.details), retryInfo, count)
}

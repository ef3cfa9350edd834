/** What speaks OTLP over HTTP and gRPC: a receiver of either, or both, with one admission for all that comes. */
import type { Address } from '../../config/values.ts'
import type { Receiver } from '../receiver.ts'
import { admissionOf } from '../server/admission.ts'
import type { ListenerConfig, ServerConfig } from '../server/config.ts'
import type { CorsConfig } from '../server/cors-config.ts'
import { type DuplicatesConfig, duplicatesOf } from '../server/duplicates-config.ts'
import { createGrpcServer, type GrpcServerOptions } from '../server/grpc-server.ts'
import { createHttpServer, type HttpProtocol } from '../server/http-server.ts'
import type { IntakeStream } from '../server/intake-stream.ts'
import type { Listener, Server } from '../server/listener.ts'
import { listeningReceiver } from '../server/listening-receiver.ts'
import type { ReceiverOptions } from '../server/receiver-options.ts'
import { streamListener } from '../server/stream-listener.ts'
import type { TlsFiles } from '../server/tls-files.ts'

type Listening = ListenerConfig & {
  readonly listen: Address
  /** Over HTTP. */
  readonly cors?: CorsConfig | undefined
}

export interface ServersConfig extends ServerConfig {
  readonly http?: Listening | undefined
  readonly grpc?: Listening | undefined
  readonly duplicates: DuplicatesConfig
}

export interface OtlpServers extends Receiver {
  /** Where it listens: the configured addresses, with the ports that the system chose for 0 once it has started. */
  readonly addresses: { readonly http?: Address; readonly grpc?: Address }
}

type Protocol = 'http' | 'grpc'

/** What is spoken; each protocol has a stream of its own for what it takes in. */
export interface Spoken {
  /** For the streams' `affiant.stream.opened` events: `otlp`, before the protocol. */
  readonly name: string
  /** For people, where it is not OTLP's logs. */
  readonly shown?: string
  readonly http: (stream: IntakeStream) => HttpProtocol
  readonly grpc: (stream: IntakeStream) => GrpcServerOptions['methods']
}

export function createOtlpServers(options: ReceiverOptions<ServersConfig>, spoken: Spoken): OtlpServers {
  const { name: receiver, config, intake, metrics, clock, notify } = options
  const log = options.log.child({ receiver })
  const shared = { receiver, admission: admissionOf(options), metrics, log, clock }
  // A client may send by one protocol again what it has sent by the other.
  const duplicates = duplicatesOf(options)

  const http =
    config.http &&
    listener('http', config.http, (stream, own) =>
      createHttpServer({ ...shared, ...own, protocol: spoken.http(stream) }),
    )
  const grpc =
    config.grpc &&
    listener('grpc', config.grpc, (stream, own) =>
      createGrpcServer({ ...shared, ...own, methods: spoken.grpc(stream) }),
    )
  const suffix = spoken.shown === undefined ? '' : ` (${spoken.shown})`
  return {
    ...listeningReceiver(receiver, [
      http && { listener: http, shown: `${config.http?.tls ? 'OTLP/HTTPS' : 'OTLP/HTTP'}${suffix}` },
      grpc && { listener: grpc, shown: `${config.grpc?.tls ? 'OTLP/gRPC over TLS' : 'OTLP/gRPC'}${suffix}` },
    ]),
    get addresses() {
      return { ...(http && { http: http.address }), ...(grpc && { grpc: grpc.address }) }
    },
  }

  function listener(
    protocol: Protocol,
    { listen, tls, insecure, ...bounds }: Listening,
    open: (stream: IntakeStream, own: Opened) => Server,
  ): Listener {
    return streamListener({
      receiver,
      listen,
      tls,
      insecure,
      auth: config.auth,
      section: protocol,
      protocol: `${spoken.name}/${protocol}`,
      intake,
      duplicates,
      log,
      metrics,
      clock,
      notify,
      open: (stream, files, stopping) => open(stream, { config: bounds, tls: files, stopping }),
    })
  }
}

interface Opened {
  readonly config: Pick<Listening, 'timeout' | 'max_connections' | 'cors'>
  readonly tls: TlsFiles | undefined
  readonly stopping: AbortSignal
}

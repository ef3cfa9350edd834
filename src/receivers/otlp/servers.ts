/** What speaks OTLP over HTTP and gRPC: a receiver of either, or both, with one admission for all that comes. */
import type { Clock } from '../../clock.ts'
import type { Address } from '../../config/values.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Intake, Receiver } from '../receiver.ts'
import { Admission } from '../server/admission.ts'
import type { ListenerConfig, ServerConfig } from '../server/config.ts'
import { authenticationOf } from '../server/credentials.ts'
import { Duplicates } from '../server/duplicates.ts'
import { createRecentMarks, type DuplicatesConfig } from '../server/duplicates-config.ts'
import { shownAddress } from '../server/exposure.ts'
import { createGrpcServer, type GrpcServerOptions } from '../server/grpc-server.ts'
import { createHttpServer, type HttpProtocol } from '../server/http-server.ts'
import { IntakeStream } from '../server/intake-stream.ts'
import { Listener, type ListenerOptions } from '../server/listener.ts'
import type { Notify } from '../server/notice.ts'
import type { RecentMarks } from '../server/recent-marks.ts'

type Listening = ListenerConfig & { readonly listen: Address }

export interface ServersConfig extends ServerConfig {
  readonly http?: Listening | undefined
  readonly grpc?: Listening | undefined
  readonly duplicates: DuplicatesConfig
}

export interface ServersOptions<Config extends ServersConfig> {
  readonly name: string
  readonly config: Config
  readonly intake: Intake
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  readonly notify: Notify
  /** What was taken in before the start. Default: nothing. */
  readonly recent?: RecentMarks | undefined
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

export function createOtlpServers(options: ServersOptions<ServersConfig>, spoken: Spoken): OtlpServers {
  const { name, config, intake, metrics, clock, notify } = options
  const log = options.log.child({ receiver: name })
  const admission = new Admission({
    receiver: name,
    config,
    pressure: () => intake.pressure(),
    metrics,
    clock,
    notify,
  })
  const shared = { receiver: name, admission, metrics, log, clock }
  const recent = options.recent ?? createRecentMarks(config.duplicates)
  // A client may send by one protocol again what it has sent by the other.
  const duplicates = recent && new Duplicates(recent, clock)

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
  const listeners = [http, grpc].filter((one) => one !== undefined)

  return {
    name,
    get addresses() {
      return { ...(http && { http: http.address }), ...(grpc && { grpc: grpc.address }) }
    },
    // A server has no end to catch up with.
    caughtUp: new Promise(() => {}),
    describe: () => ({
      verb: 'listens',
      what: [
        http && `${shownAddress(http.address)} ${config.http?.tls ? 'OTLP/HTTPS' : 'OTLP/HTTP'}${suffix}`,
        grpc &&
          `${shownAddress(grpc.address)} ${config.grpc?.tls ? 'OTLP/gRPC over TLS' : 'OTLP/gRPC'}${suffix}`,
      ]
        .filter((one) => one !== undefined)
        .join(', '),
    }),
    async start() {
      for (const one of listeners) await one.start()
    },
    async stop() {
      await Promise.all(listeners.map((one) => one.stop()))
    },
  }

  /** One protocol's, with a stream of its own. */
  function listener(
    protocol: Protocol,
    { listen, tls, insecure, ...bounds }: Listening,
    open: (stream: IntakeStream, own: Opened) => ReturnType<ListenerOptions['open']>,
  ): Listener {
    const stream = new IntakeStream({
      receiver: name,
      intake,
      clock,
      duplicates,
      metadata: () => ({
        protocol: `${spoken.name}/${protocol}`,
        listen: shownAddress(one.address),
        tls: tls !== undefined,
        authentication: authenticationOf(config.auth, tls?.client_ca),
      }),
    })
    const one = new Listener({
      receiver: name,
      listen,
      tls,
      authenticates: config.auth !== undefined,
      insecure,
      section: protocol,
      log,
      metrics,
      clock,
      notify,
      open: (files, stopping) => open(stream, { config: bounds, tls: files, stopping }),
    })
    return one
  }
}

interface Opened {
  readonly config: Pick<ListenerConfig, 'timeout' | 'max_connections'>
  readonly tls: Parameters<ListenerOptions['open']>[0]
  readonly stopping: AbortSignal
}

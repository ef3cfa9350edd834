/** The `otlp` receiver: OpenTelemetry logs over HTTP and gRPC, acknowledged after the commit. */
import type { Clock } from '../../clock.ts'
import type { Address } from '../../config/values.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Intake, Receiver } from '../receiver.ts'
import { Admission } from '../server/admission.ts'
import type { ListenerConfig } from '../server/config.ts'
import { authenticationOf } from '../server/credentials.ts'
import { shownAddress } from '../server/exposure.ts'
import { createGrpcServer } from '../server/grpc-server.ts'
import { createHttpServer } from '../server/http-server.ts'
import { IntakeStream } from '../server/intake-stream.ts'
import { Listener, type ListenerOptions } from '../server/listener.ts'
import type { Notify } from '../server/notice.ts'
import type { OtlpReceiverConfig } from './config.ts'
import { otlpOverGrpc } from './grpc.ts'
import { otlpOverHttp } from './http.ts'

export interface OtlpReceiverOptions {
  readonly name: string
  readonly config: OtlpReceiverConfig
  readonly intake: Intake
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  readonly notify: Notify
}

export interface OtlpReceiver extends Receiver {
  /** Where it listens: the configured addresses, with the ports that the system chose for 0 once it has started. */
  readonly addresses: { readonly http?: Address; readonly grpc?: Address }
}

type Protocol = 'http' | 'grpc'

export function createOtlpReceiver(options: OtlpReceiverOptions): OtlpReceiver {
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

  const http =
    config.http &&
    listener('http', config.http, (stream, own) =>
      createHttpServer({ ...shared, ...own, protocol: otlpOverHttp(stream) }),
    )
  const grpc =
    config.grpc &&
    listener('grpc', config.grpc, (stream, own) =>
      createGrpcServer({ ...shared, ...own, methods: otlpOverGrpc(stream) }),
    )
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
        http && `${shownAddress(http.address)} ${config.http?.tls ? 'OTLP/HTTPS' : 'OTLP/HTTP'}`,
        grpc && `${shownAddress(grpc.address)} ${config.grpc?.tls ? 'OTLP/gRPC over TLS' : 'OTLP/gRPC'}`,
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
    { listen, tls, insecure, ...bounds }: ListenerConfig & { readonly listen: Address },
    open: (stream: IntakeStream, own: Opened) => ReturnType<ListenerOptions['open']>,
  ): Listener {
    const stream = new IntakeStream({
      receiver: name,
      intake,
      clock,
      metadata: () => ({
        protocol: `otlp/${protocol}`,
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

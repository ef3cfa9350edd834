/** The `otlp` receiver: OpenTelemetry logs over HTTP, acknowledged after the commit. */
import type { Clock } from '../../clock.ts'
import type { Address } from '../../config/values.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Intake, Receiver } from '../receiver.ts'
import { HttpListener, shownAddress } from '../server/http-listener.ts'
import { IntakeStream } from '../server/intake-stream.ts'
import type { OtlpReceiverConfig } from './config.ts'
import { otlpOverHttp } from './http.ts'

export interface OtlpReceiverOptions {
  readonly name: string
  readonly config: OtlpReceiverConfig
  readonly intake: Intake
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
}

export interface OtlpReceiver extends Receiver {
  /** Where it listens: the configured address, with the port that the system chose for 0 once it has started. */
  readonly address: Address
}

export function createOtlpReceiver(options: OtlpReceiverOptions): OtlpReceiver {
  const { name, config, intake, clock, metrics } = options
  const { listen, tls, ...http } = config.http
  const stream = new IntakeStream({
    receiver: name,
    intake,
    clock,
    metadata: () => ({
      protocol: 'otlp/http',
      listen: shownAddress(listener.address),
      tls: tls !== undefined,
      authentication: config.auth ? 'bearer' : tls?.client_ca ? 'certificate' : 'none',
    }),
  })
  const listener = new HttpListener({
    receiver: name,
    listen,
    tls,
    section: 'http',
    config: { ...config, ...http },
    protocol: otlpOverHttp(stream),
    pressure: () => intake.pressure(),
    log: options.log.child({ receiver: name }),
    metrics,
    clock,
  })

  return {
    name,
    get address() {
      return listener.address
    },
    // A server has no end to catch up with.
    caughtUp: new Promise(() => {}),
    describe: () => ({
      verb: 'listens',
      what: `${shownAddress(listener.address)} ${tls ? 'OTLP/HTTPS' : 'OTLP/HTTP'}`,
    }),
    start: () => listener.start(),
    stop: () => listener.stop(),
  }
}

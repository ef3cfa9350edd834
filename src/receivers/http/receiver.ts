/** The `http` receiver: records that applications post, acknowledged after the commit. */
import type { Clock } from '../../clock.ts'
import type { Address } from '../../config/values.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Intake, Receiver } from '../receiver.ts'
import { Admission } from '../server/admission.ts'
import { createHttpServer } from '../server/http-server.ts'
import { IntakeStream } from '../server/intake-stream.ts'
import { Listener, shownAddress } from '../server/listener.ts'
import type { HttpReceiverConfig } from './config.ts'
import { recordsOverHttp } from './protocol.ts'

export interface HttpReceiverOptions {
  readonly name: string
  readonly config: HttpReceiverConfig
  readonly intake: Intake
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
}

export interface HttpReceiver extends Receiver {
  /** Where it listens: the configured address, with the port that the system chose for 0 once it has started. */
  readonly address: Address
}

export function createHttpReceiver(options: HttpReceiverOptions): HttpReceiver {
  const { name, config, intake, metrics, clock } = options
  const log = options.log.child({ receiver: name })
  const admission = new Admission({ receiver: name, config, pressure: () => intake.pressure(), metrics })
  const stream = new IntakeStream({
    receiver: name,
    intake,
    clock,
    metadata: () => ({
      protocol: 'http',
      listen: shownAddress(listener.address),
      tls: config.tls !== undefined,
      authentication: config.auth ? 'bearer' : config.tls?.client_ca ? 'certificate' : 'none',
    }),
  })
  const listener = new Listener({
    receiver: name,
    listen: config.listen,
    tls: config.tls,
    authenticates: config.auth !== undefined,
    log,
    clock,
    open: (tls, stopping) =>
      createHttpServer({
        receiver: name,
        config,
        admission,
        tls,
        protocol: recordsOverHttp(config.path, stream),
        stopping,
        log,
        metrics,
      }),
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
      what: `${shownAddress(listener.address)} ${config.tls ? 'HTTPS' : 'HTTP'}`,
    }),
    start: () => listener.start(),
    stop: () => listener.stop(),
  }
}

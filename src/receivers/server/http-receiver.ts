/** A receiver that is one HTTP server: all but what is spoken there. */
import type { Clock } from '../../clock.ts'
import type { Address } from '../../config/values.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Intake, Receiver } from '../receiver.ts'
import { Admission } from './admission.ts'
import type { ListenerConfig, ServerConfig } from './config.ts'
import { type AuthConfig, authenticationOf } from './credentials.ts'
import { Duplicates } from './duplicates.ts'
import { createRecentMarks, type DuplicatesConfig } from './duplicates-config.ts'
import { shownAddress } from './exposure.ts'
import { createHttpServer, type HttpProtocol } from './http-server.ts'
import { IntakeStream } from './intake-stream.ts'
import { Listener } from './listener.ts'
import type { Notify } from './notice.ts'
import type { RecentMarks } from './recent-marks.ts'

export interface HttpReceiverOptions<Config> {
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

export interface HttpReceiver extends Receiver {
  /** Where it listens: the configured address, with the port that the system chose for 0 once it has started. */
  readonly address: Address
}

type Config = ListenerConfig &
  Omit<ServerConfig, 'auth'> & {
    readonly listen: Address
    readonly auth?: AuthConfig | undefined
    readonly duplicates?: DuplicatesConfig
  }

/** `protocol.name` is for the stream's `affiant.stream.opened` event, `shown` for people. */
export function createHttpReceiver(
  { name, config, intake, metrics, clock, notify, ...options }: HttpReceiverOptions<Config>,
  protocol: {
    readonly name: string
    readonly shown: string
    readonly speak: (stream: IntakeStream) => HttpProtocol
  },
): HttpReceiver {
  const log = options.log.child({ receiver: name })
  const admission = new Admission({
    receiver: name,
    config,
    pressure: () => intake.pressure(),
    metrics,
    clock,
    notify,
  })
  const recent = options.recent ?? (config.duplicates && createRecentMarks(config.duplicates))
  const stream = new IntakeStream({
    receiver: name,
    intake,
    clock,
    duplicates: recent && new Duplicates(recent, clock),
    metadata: () => ({
      protocol: protocol.name,
      listen: shownAddress(listener.address),
      tls: config.tls !== undefined,
      authentication: authenticationOf(config.auth, config.tls?.client_ca),
    }),
  })
  const listener = new Listener({
    receiver: name,
    listen: config.listen,
    tls: config.tls,
    authenticates: config.auth !== undefined,
    insecure: config.insecure,
    log,
    metrics,
    clock,
    notify,
    open: (tls, stopping) =>
      createHttpServer({
        receiver: name,
        config,
        admission,
        tls,
        protocol: protocol.speak(stream),
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
      what: `${shownAddress(listener.address)} ${protocol.shown}${config.tls ? ' over TLS' : ''}`,
    }),
    start: () => listener.start(),
    stop: () => listener.stop(),
  }
}

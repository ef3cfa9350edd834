/** A receiver that is one HTTP server: all but what is spoken there. */
import type { Address } from '../../config/values.ts'
import type { Receiver } from '../receiver.ts'
import { admissionOf } from './admission.ts'
import type { ListenerConfig, ServerConfig } from './config.ts'
import type { CorsConfig } from './cors-config.ts'
import { type DuplicatesConfig, duplicatesOf } from './duplicates-config.ts'
import type { AuthConfig } from './entitled.ts'
import { createHttpServer, type HttpProtocol } from './http-server.ts'
import type { IntakeStream } from './intake-stream.ts'
import { listeningReceiver } from './listening-receiver.ts'
import type { ReceiverOptions } from './receiver-options.ts'
import { streamListener } from './stream-listener.ts'

export interface HttpReceiver extends Receiver {
  /** Where it listens: the configured address, with the port that the system chose for 0 once it has started. */
  readonly address: Address
}

type Config = ListenerConfig &
  Omit<ServerConfig, 'auth'> & {
    readonly listen: Address
    readonly auth?: AuthConfig | undefined
    readonly duplicates?: DuplicatesConfig
    readonly cors?: CorsConfig | undefined
  }

/** `protocol.name` is for the stream's `affiant.stream.opened` event, `shown` for people. */
export function createHttpReceiver(
  options: ReceiverOptions<Config>,
  protocol: {
    readonly name: string
    readonly shown: string
    readonly speak: (stream: IntakeStream) => HttpProtocol
  },
): HttpReceiver {
  const { name: receiver, config, intake, metrics, clock, notify } = options
  const log = options.log.child({ receiver })
  const admission = admissionOf(options)
  const { listen, tls, insecure, auth } = config
  const listener = streamListener({
    receiver,
    listen,
    tls,
    insecure,
    auth,
    protocol: protocol.name,
    intake,
    duplicates: duplicatesOf(options),
    log,
    metrics,
    clock,
    notify,
    open: (stream, files, stopping) =>
      createHttpServer({
        receiver,
        config,
        admission,
        tls: files,
        protocol: protocol.speak(stream),
        stopping,
        log,
        metrics,
      }),
  })
  const shown = `${protocol.shown}${tls ? ' over TLS' : ''}`
  return {
    ...listeningReceiver(receiver, [{ listener, shown }]),
    get address() {
      return listener.address
    },
  }
}

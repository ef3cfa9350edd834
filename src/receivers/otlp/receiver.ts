/** The `otlp` receiver: OpenTelemetry logs over HTTP, acknowledged after the commit. */
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../clock.ts'
import type { Address } from '../../config/values.ts'
import { AffiantError, asError, systemCode } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Intake, Receiver } from '../receiver.ts'
import type { OtlpReceiverConfig } from './config.ts'
import { createHttpServer } from './http-server.ts'
import { Ingest } from './ingest.ts'
import { readTlsFiles } from './tls-files.ts'

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
  const { name, config, intake, clock } = options
  const log = options.log.child({ receiver: name })
  const { listen, tls } = config.http
  const stopping = new AbortController()
  let bound: Address = listen
  let app: FastifyInstance | undefined
  let stopped: Promise<void> | undefined

  const protocol = tls ? 'OTLP/HTTPS' : 'OTLP/HTTP'
  const ingest = new Ingest({
    receiver: name,
    intake,
    clock,
    metadata: () => ({
      protocol: 'otlp/http',
      listen: shown(bound),
      tls: tls !== undefined,
      authentication: config.auth ? 'bearer' : tls?.client_ca ? 'certificate' : 'none',
    }),
  })

  return {
    name,
    get address() {
      return bound
    },
    // A server has no end to catch up with.
    caughtUp: new Promise(() => {}),
    describe: () => ({ verb: 'listens', what: `${shown(bound)} ${protocol}` }),

    async start() {
      warnWhenOpen()
      const tlsFiles = tls && (await readTlsFiles(tls))
      try {
        app = createHttpServer({
          receiver: name,
          config,
          tls: tlsFiles,
          ingest,
          pressure: () => intake.pressure(),
          stopping: stopping.signal,
          log,
          metrics: options.metrics,
        })
        await app.listen({ host: listen.host, port: listen.port })
      } catch (thrown) {
        await app?.close()
        throw listenError(name, listen, thrown)
      }
      const { port } = app.server.address() as AddressInfo
      bound = { host: listen.host, port }
    },

    stop() {
      stopped ??= stop()
      return stopped
    },
  }

  async function stop(): Promise<void> {
    stopping.abort(new AffiantError('overloaded', 'the receiver is stopping'))
    if (!app) return
    const { server } = app
    const answered = new AbortController()
    // Who has not sent the rest of a request, or read an answer, by then has had its time.
    const late = clock.sleep(drainTimeout, answered.signal).then(
      () => server.closeAllConnections(),
      () => {},
    )
    await app.close()
    answered.abort()
    await late
  }

  function warnWhenOpen(): void {
    if (config.auth || tls?.client_ca || isLoopback(listen.host)) return
    log.warn(
      { listen: shown(listen) },
      'anybody who reaches this address can write audit records: set auth.bearer, or http.tls.client_ca',
    )
  }
}

const drainTimeout = 10_000

const shown = ({ host, port }: Address) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || host.startsWith('127.')

function listenError(name: string, listen: Address, thrown: unknown): AffiantError {
  const where = shown(listen)
  if (systemCode(thrown) === 'EADDRINUSE') {
    return new AffiantError('address_in_use', `receiver ${name}: another process listens on ${where}`, {
      hint: `stop it (ss -ltnp shows who it is), or change receivers.${name}.http.listen`,
      cause: thrown,
    })
  }
  return new AffiantError('config_invalid', `receiver ${name}: ${where}: ${asError(thrown).message}`, {
    hint: `check receivers.${name}.http`,
    cause: thrown,
  })
}

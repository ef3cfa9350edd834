/** A server's life: it listens, and when it stops, what is being answered is answered first. */
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../clock.ts'
import type { Address } from '../../config/values.ts'
import { AffiantError, asError, systemCode } from '../../errors.ts'
import type { TlsConfig } from './config.ts'
import { createHttpServer, type HttpServerOptions } from './http-server.ts'
import { readTlsFiles } from './tls-files.ts'

export interface HttpListenerOptions extends Omit<HttpServerOptions, 'tls' | 'stopping'> {
  readonly listen: Address
  readonly tls: TlsConfig | undefined
  /** Where `listen` and `tls` stand in the receiver's configuration, for errors: `http`. */
  readonly section: string
  readonly clock: Clock
}

export class HttpListener {
  /** Where it listens: as configured, with the port that the system chose for 0 once it has started. */
  address: Address
  private readonly options: HttpListenerOptions
  private readonly stopping = new AbortController()
  private app: FastifyInstance | undefined
  private stopped: Promise<void> | undefined

  constructor(options: HttpListenerOptions) {
    this.options = options
    this.address = options.listen
  }

  /** Rejects with `address_in_use`, `config_unreadable` or `config_invalid`. */
  async start(): Promise<void> {
    const { listen, section, ...options } = this.options
    this.warnWhenOpen()
    const tls = options.tls && (await readTlsFiles(options.tls))
    try {
      this.app = createHttpServer({ ...options, tls, stopping: this.stopping.signal })
      await this.app.listen({ host: listen.host, port: listen.port })
    } catch (thrown) {
      await this.app?.close()
      throw listenError(options.receiver, section, listen, thrown)
    }
    const { port } = this.app.server.address() as AddressInfo
    this.address = { host: listen.host, port }
  }

  /** Idempotent. */
  stop(): Promise<void> {
    this.stopped ??= this.close()
    return this.stopped
  }

  private async close(): Promise<void> {
    this.stopping.abort(new AffiantError('overloaded', 'the receiver is stopping'))
    if (!this.app) return
    const { server } = this.app
    const answered = new AbortController()
    // Who has not sent the rest of a request, or read an answer, by then has had its time.
    const late = this.options.clock.sleep(drainTimeout, answered.signal).then(
      () => server.closeAllConnections(),
      () => {},
    )
    await this.app.close()
    answered.abort()
    await late
  }

  private warnWhenOpen(): void {
    const { config, tls, listen, section, log } = this.options
    if (config.auth || tls?.client_ca || isLoopback(listen.host)) return
    log.warn(
      { listen: shownAddress(listen) },
      `anybody who reaches this address can write audit records: set auth.bearer, or ${section}.tls.client_ca`,
    )
  }
}

const drainTimeout = 10_000

export const shownAddress = ({ host, port }: Address) =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || host.startsWith('127.')

function listenError(name: string, section: string, listen: Address, thrown: unknown): AffiantError {
  const where = shownAddress(listen)
  if (systemCode(thrown) === 'EADDRINUSE') {
    return new AffiantError('address_in_use', `receiver ${name}: another process listens on ${where}`, {
      hint: `stop it (ss -ltnp shows who it is), or change receivers.${name}.${section}.listen`,
      cause: thrown,
    })
  }
  return new AffiantError('config_invalid', `receiver ${name}: ${where}: ${asError(thrown).message}`, {
    hint: `check receivers.${name}.${section}`,
    cause: thrown,
  })
}

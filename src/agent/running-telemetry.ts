/** The listener for health, metrics and reports, where the configuration in force has it. */
import { isDeepStrictEqual } from 'node:util'
import {
  createTelemetryServer,
  type TelemetryServer,
  type TelemetryServerOptions,
} from '../telemetry/server.ts'

type Listen = TelemetryServerOptions['listen']

export class RunningTelemetry implements AsyncDisposable {
  readonly #options: Omit<TelemetryServerOptions, 'listen'>
  #current: { readonly listen: Listen; readonly server: TelemetryServer } | undefined

  constructor(options: Omit<TelemetryServerOptions, 'listen'>) {
    this.#options = options
  }

  /** `host:port`, as bound. */
  get address(): string {
    return this.#current?.server.address ?? ''
  }

  /** Whether it had to move. @throws AffiantError address_in_use, config_invalid */
  async listen(listen: Listen): Promise<boolean> {
    if (isDeepStrictEqual(this.#current?.listen, listen)) return false
    // First: another host may have the port of this one.
    await this[Symbol.asyncDispose]()
    const server = createTelemetryServer({ ...this.#options, listen })
    await server.start()
    this.#current = { listen, server }
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { server } = this.#current ?? {}
    this.#current = undefined
    await server?.stop()
  }
}

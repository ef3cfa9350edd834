/** The listener for health, metrics and reports, where the configuration in force has it. */
import { isDeepStrictEqual } from 'node:util'
import {
  createTelemetryServer,
  type TelemetryServer,
  type TelemetryServerOptions,
} from '../telemetry/server.ts'

type Listen = TelemetryServerOptions['listen']

export interface RunningTelemetryOptions extends Omit<TelemetryServerOptions, 'listen'> {
  /** Called with `host:port` each time that it has moved. */
  readonly moved: (address: string) => void
}

export class RunningTelemetry implements AsyncDisposable {
  readonly #options: RunningTelemetryOptions
  #current: { readonly listen: Listen; readonly server: TelemetryServer } | undefined

  constructor(options: RunningTelemetryOptions) {
    this.#options = options
  }

  /** `host:port`, as bound. */
  get address(): string {
    return this.#current?.server.address ?? ''
  }

  /** @throws AffiantError address_in_use, config_invalid */
  async listen(listen: Listen): Promise<void> {
    if (isDeepStrictEqual(this.#current?.listen, listen)) return
    // First: another host may have the port of this one.
    await this[Symbol.asyncDispose]()
    const server = createTelemetryServer({ ...this.#options, listen })
    await server.start()
    this.#current = { listen, server }
    this.#options.moved(server.address)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { server } = this.#current ?? {}
    this.#current = undefined
    await server?.stop()
  }
}

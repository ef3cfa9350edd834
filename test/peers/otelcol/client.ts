/** An OpenTelemetry Collector that takes OTLP over HTTP on loopback, and hands it on. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { goProgram } from '../go-program.ts'
import { unlessMissing } from '../kept.ts'
import { freePort } from '../ports.ts'
import { endpoint, Running, telemetry } from './running.ts'

/**
 * Path of the program: a collector of its own, since the modules of OTLP's exporters are not to be had in the release of the
 * one with receivers. It takes minutes where it is not built yet.
 */
export const buildOtelcolClient = () => goProgram('otelcol-client', join(import.meta.dirname, 'client'))

export const findOtelcolClient = () =>
  unlessMissing('the OpenTelemetry Collector as client cannot be built', buildOtelcolClient)

export type Exporters = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export class OtelcolClient implements AsyncDisposable {
  /** Where it takes logs. */
  readonly url: string
  readonly #directory: string
  readonly #running: Running

  private constructor(directory: string, running: Running, port: number) {
    this.#directory = directory
    this.#running = running
    this.url = `http://${endpoint(port)}/v1/logs`
  }

  /** `exporters`: their settings, by name; all get everything. */
  static async start(program: string, exporters: Exporters): Promise<OtelcolClient> {
    const directory = await mkdtemp(join(tmpdir(), 'affiant-otelcol-'))
    const port = await freePort()
    const config = {
      receivers: { otlp: { protocols: { http: { endpoint: endpoint(port) } } } },
      exporters,
      service: {
        telemetry,
        pipelines: { logs: { receivers: ['otlp'], exporters: Object.keys(exporters) } },
      },
    }
    try {
      const running = await Running.start(program, join(directory, 'config.yaml'), config, [port])
      return new OtelcolClient(directory, running, port)
    } catch (error) {
      await rm(directory, { recursive: true, force: true })
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.stop('SIGKILL')
    await rm(this.#directory, { recursive: true, force: true })
  }
}

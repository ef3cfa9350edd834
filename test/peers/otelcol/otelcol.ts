/** An OpenTelemetry Collector on this machine: OTLP and HEC receivers on loopback, and all that they took in files. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unlessMissing } from '../kept.ts'
import { freePort } from '../ports.ts'
import { readLines } from '../read-lines.ts'
import { buildOtelcol } from './build.ts'
import { type Received, receivedIn } from './received.ts'
import { endpoint, Running, telemetry } from './running.ts'

type Settings = Readonly<Record<string, unknown>>

export interface OtelcolOptions {
  /** Added to the settings of each receiver: `tls`, `auth`, … */
  readonly grpc?: Settings
  readonly http?: Settings
  readonly hec?: Settings
  /** By name. */
  readonly extensions?: Readonly<Record<string, Settings>>
}

/** Path of the program, where it can be built. */
export const findOtelcol = () => unlessMissing('the OpenTelemetry Collector cannot be built', buildOtelcol)

export class Otelcol implements AsyncDisposable {
  readonly grpcPort: number
  readonly httpPort: number
  readonly hecPort: number
  readonly #program: string
  readonly #directory: string
  #settings: OtelcolOptions
  #running: Running | undefined
  /** Runs that were killed, by their number. */
  readonly #killed = new Set<number>()
  #starts = 0

  private constructor(
    program: string,
    directory: string,
    ports: readonly number[],
    settings: OtelcolOptions,
  ) {
    this.#program = program
    this.#directory = directory
    this.#settings = settings
    const [grpcPort = 0, httpPort = 0, hecPort = 0] = ports
    this.grpcPort = grpcPort
    this.httpPort = httpPort
    this.hecPort = hecPort
  }

  static async start(program: string, settings: OtelcolOptions = {}): Promise<Otelcol> {
    const directory = await mkdtemp(join(tmpdir(), 'affiant-otelcol-'))
    const otelcol = new Otelcol(
      program,
      directory,
      [await freePort(), await freePort(), await freePort()],
      settings,
    )
    try {
      await otelcol.start()
      return otelcol
    } catch (error) {
      await otelcol[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Once it has stopped; with other settings, if they are given. */
  async start(settings: OtelcolOptions = this.#settings): Promise<void> {
    this.#settings = settings
    this.#starts++
    const file = join(this.#directory, `config-${this.#starts}.yaml`)
    const ports = [this.grpcPort, this.httpPort, this.hecPort]
    this.#running = await Running.start(this.#program, file, this.#config(), ports)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const isStopped = await this.#running?.stop(signal)
    if (isStopped && signal === 'SIGKILL') this.#killed.add(this.#starts)
  }

  /** All that it took, in any of its runs, in order. */
  async *received(): AsyncGenerator<Received> {
    const names = await readdir(this.#directory)
    const runs = names
      .flatMap((name) => /^received-(\d+)\.jsonl$/.exec(name)?.[1] ?? [])
      .toSorted((a, b) => Number(a) - Number(b))
    for (const run of runs) {
      let before: string | undefined
      for await (const line of readLines(join(this.#directory, `received-${run}.jsonl`))) {
        if (before !== undefined) yield* receivedIn(before)
        before = line
      }
      // Of a run that was killed the last line may be cut off: it was not answered, and comes again.
      if (before !== undefined && !(this.#killed.has(Number(run)) && isCutOff(before)))
        yield* receivedIn(before)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL')
    await rm(this.#directory, { recursive: true, force: true })
  }

  #config(): object {
    const { grpc, http, hec, extensions = {} } = this.#settings
    return {
      receivers: {
        otlp: {
          protocols: {
            grpc: { endpoint: endpoint(this.grpcPort), ...grpc },
            http: { endpoint: endpoint(this.httpPort), ...http },
          },
        },
        splunk_hec: { endpoint: endpoint(this.hecPort), ...hec },
      },
      exporters: {
        // Rotation, though it never comes to that: without it what was taken waits in memory, and goes with a kill.
        file: {
          path: join(this.#directory, `received-${this.#starts}.jsonl`),
          rotation: { max_megabytes: 100_000 },
        },
      },
      extensions,
      service: {
        extensions: Object.keys(extensions),
        telemetry,
        pipelines: { logs: { receivers: ['otlp', 'splunk_hec'], exporters: ['file'] } },
      },
    }
  }
}

function isCutOff(line: string): boolean {
  try {
    JSON.parse(line)
    return false
  } catch {
    return true
  }
}

/** An OpenTelemetry Collector on this machine: OTLP and HEC receivers on loopback, and all that they took in files. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { until } from '../../e2e/until.ts'
import { unlessMissing } from '../kept.ts'
import { accepts, freePort } from '../ports.ts'
import { readLines } from '../read-lines.ts'
import { buildOtelcol } from './build.ts'
import { type Received, receivedIn } from './received.ts'

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
  #child: ChildProcess | undefined
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
    await writeFile(file, stringify(this.#config()))
    const child = spawn(this.#program, ['--config', file], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    // A test that runs out of time disposes of nothing.
    const kill = () => void child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.off('exit', kill))
    let said = ''
    child.stderr.on('data', (part: Buffer) => {
      said = (said + part.toString()).slice(-10_000)
    })
    for (const port of [this.grpcPort, this.httpPort, this.hecPort]) {
      await until('the collector listens', () => {
        if (child.exitCode !== null) throw new Error(`the collector has ended: ${said}`)
        return accepts(port)
      })
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    if (signal === 'SIGKILL') this.#killed.add(this.#starts)
    child.kill(signal)
    await ended
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
    const endpoint = (port: number) => `127.0.0.1:${port}`
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
        telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
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

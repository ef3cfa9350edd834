/** A file receiver on a directory of its own, with an intake in memory. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Clock, systemClock } from '../../../src/clock.ts'
import type { Joining } from '../../../src/event/joining.ts'
import { fileReceiverConfig } from '../../../src/receivers/file/config.ts'
import type { StreamClaims } from '../../../src/receivers/file/identity/claims.ts'
import type { PresetDetector } from '../../../src/receivers/file/identity/preset.ts'
import { createFileReceiver, type FileReceiver } from '../../../src/receivers/file/receiver.ts'
import type { KnownStream } from '../../../src/receivers/receiver.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { MemoryIntake } from '../memory-intake.ts'

interface LogLine {
  readonly level: number
  readonly msg: string
  readonly path?: string
  readonly pattern?: string
  readonly receiver?: string
}

export interface StartOptions {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly start_at?: 'beginning' | 'end'
  readonly max_record?: string
  /** Keys of the receiver's configuration. */
  readonly more?: Readonly<Record<string, unknown>>
  /** `encoding`, `container`, `multiline` as in a configuration. */
  readonly framing?: Readonly<Record<string, unknown>>
  readonly joining?: Joining
  readonly detector?: PresetDetector
  readonly intake?: MemoryIntake
  readonly known?: readonly KnownStream[]
  readonly grace?: number
  readonly holdFor?: number
  /** @default app */
  readonly name?: string
  readonly receivers?: ReadonlySet<string>
  readonly claims?: StreamClaims
  readonly clock?: Clock
  readonly chunkSize?: number
  readonly maxInFlight?: number
  /** Unix milliseconds until which the run before this one ran. */
  readonly ranUntil?: number
  /** Ends everything at once, as a crash does. */
  readonly signal?: AbortSignal
}

export class Bench implements AsyncDisposable {
  readonly directory: string
  readonly #receivers: FileReceiver[] = []
  readonly #intakes = new Set<MemoryIntake>()

  private constructor(directory: string) {
    this.directory = directory
  }

  static async create(): Promise<Bench> {
    return new Bench(await mkdtemp(join(tmpdir(), 'affiant-file-')))
  }

  path(name: string): string {
    return join(this.directory, name)
  }

  async start(options: StartOptions = {}) {
    const created = this.create(options)
    await created.receiver.start()
    return created
  }

  /** A receiver that is not started yet. */
  create(options: StartOptions = {}) {
    const intake = options.intake ?? new MemoryIntake()
    const { include = ['*.log'], exclude = [], start_at = 'beginning', max_record = '16MiB' } = options
    const logs: LogLine[] = []
    const metrics = createMetrics()
    const receiver = createFileReceiver({
      name: options.name ?? 'app',
      config: fileReceiverConfig.parse({
        type: 'file',
        include: include.map((pattern) => this.path(pattern)),
        exclude,
        start_at,
        max_record,
        ...options.framing,
        ...options.more,
      }),
      agentId: 'agent-1',
      intake,
      known: options.known ?? [],
      log: pino({ base: {} }, { write: (line: string) => logs.push(JSON.parse(line)) }),
      metrics,
      clock: options.clock ?? systemClock,
      forget: (stream) => intake.forget(stream),
      grace: options.grace ?? 300,
      holdFor: options.holdFor ?? 300,
      ...(options.receivers === undefined
        ? {}
        : { reads: (receiver: string) => options.receivers?.has(receiver) ?? true }),
      detector: options.detector,
      ...(options.joining && { joining: options.joining }),
      ...(options.claims === undefined ? {} : { claims: options.claims }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.chunkSize === undefined ? {} : { chunkSize: options.chunkSize }),
      ...(options.maxInFlight === undefined ? {} : { maxInFlight: options.maxInFlight }),
      ...(options.ranUntil === undefined ? {} : { ranUntil: options.ranUntil }),
    })
    this.#receivers.push(receiver)
    this.#intakes.add(intake)
    return { receiver, intake, logs, metrics }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#receivers.map((receiver) => receiver.stop()))
    await rm(this.directory, { recursive: true, force: true })
    // Whatever a test is about.
    const faults = [...this.#intakes].flatMap((intake) => intake.faults)
    if (faults.length > 0) throw new Error(`positions went back: ${faults.join('; ')}`)
  }
}

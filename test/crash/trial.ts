/** One data directory that many agents live and die in: file and OTLP input at once, a real HTTP sink and a file sink. */
import {
  type AgentProcess,
  configure,
  type Settings,
  startAgent,
  WorkDirectory,
} from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { freePort } from '../free-port.ts'
import { deadLettersIn } from './dead-letters.ts'
import { LineLoad, OtlpLoad } from './load.ts'
import { NumberedSink } from './numbered-sink.ts'
import type { Places } from './write-points.ts'

export interface TrialOptions {
  /** Some lines are refused by the sink for good. */
  readonly poisoned?: boolean
  readonly settings?: Settings
}

/** What the sink and the dead letters say about what was written. */
export interface Accounts {
  readonly lines: number
  readonly records: number
  /** Lines neither at the sink nor a dead letter. */
  readonly lost: number
  /** Lines, and records of OTLP, under two seqs. */
  readonly twice: number
  /** Acknowledged OTLP records that are not at the sink. */
  readonly acknowledgedLost: number
  /** Events whose second delivery had another id. */
  readonly renamed: number
  /** Deliveries beyond the first of a seq: batches in flight when their agent was killed. */
  readonly resent: number
  readonly deadLetters: number
}

export class Trial implements AsyncDisposable {
  readonly directory = new WorkDirectory()
  readonly sink: NumberedSink
  readonly lines: LineLoad
  readonly records: OtlpLoad
  readonly #port: number
  readonly #settings: Settings
  #configurations = 0

  private constructor(sink: NumberedSink, port: number, { poisoned = false, settings = {} }: TrialOptions) {
    this.sink = sink
    this.#port = port
    this.#settings = settings
    this.lines = new LineLoad(this.directory.at('app.log'), { poisoned })
    this.records = new OtlpLoad(port)
  }

  static async begin(options: TrialOptions = {}): Promise<Trial> {
    return new Trial(await NumberedSink.open(), await freePort(), options)
  }

  get places(): Places {
    return { dataDir: this.directory.at('data'), output: this.directory.at('out', 'out.ndjson') }
  }

  get dataDir(): string {
    return this.places.dataDir
  }

  /** Another agent on the same data. Its route table is a new one, as after a change of the configuration. */
  start(env: NodeJS.ProcessEnv = {}): AgentProcess {
    return startAgent(this.configure(), [], { env })
  }

  /** Another configuration: of its routes, one of the receivers and one of the sinks. Its path. */
  configure(): string {
    const n = ++this.#configurations
    return configure(this.directory, {
      receivers: {
        app: { type: 'file', include: [this.lines.path], poll: `${50 + (n % 3)}ms` },
        otlp: { type: 'otlp', http: { listen: `127.0.0.1:${this.#port}` } },
      },
      sinks: {
        hook: { type: 'http', url: this.sink.url, retry: { initial: '20ms', max: `${500 + (n % 2)}ms` } },
        out: { type: 'file', path: this.places.output, rotate: { max_size: '256KiB', keep: 2 } },
      },
      routes: [{ when: `action == "nothing.${n}"`, drop: 'never met' }, { to: ['hook', 'out'] }],
      telemetry: { listen: '127.0.0.1:0', log: { level: 'error' } },
      ...this.#settings,
    })
  }

  /** Appends lines in steps, never far ahead of the sink, until `done`. */
  async feed(done: () => boolean, step = 200): Promise<void> {
    while (!done()) {
      const { written } = this.lines
      if (written - this.#poisoned(written) - this.sink.from('app').distinct < 6000) this.lines.append(step)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Ends the input, lets a last agent deliver everything, and counts. */
  async settle(): Promise<Accounts> {
    const agent = this.start()
    try {
      await agent.ready()
      await this.records.finish()
      const { written } = this.lines
      const letters = () => this.deadLetters()
      await until(
        'everything is at the sink or a dead letter',
        () => {
          const app = this.sink.from('app')
          if (app.distinct + this.#poisoned(written) < written) return false
          return app.missing(written).every((n) => letters().has(n)) && this.#records() === 0
        },
        () => ({ lost: this.#lost().slice(0, 20), records: this.#records(), log: agent.stderr.slice(-2000) }),
      ).catch(() => {})
      agent.signal('SIGTERM')
      await agent.ended
      return this.accounts()
    } finally {
      await agent[Symbol.asyncDispose]()
    }
  }

  accounts(): Accounts {
    const app = this.sink.from('app')
    const otlp = this.sink.from('otlp')
    return {
      lines: this.lines.written,
      records: this.records.acknowledged,
      lost: this.#lost().length,
      twice: app.twice.size + otlp.twice.size,
      acknowledgedLost: this.#records(),
      renamed: app.renamed.size + otlp.renamed.size,
      resent: app.resent + otlp.resent,
      deadLetters: this.deadLetters().size,
    }
  }

  #poisoned(written: number): number {
    let count = 0
    for (let n = 0; n < written; n++) if (this.lines.isPoisoned(n)) count++
    return count
  }

  #lost(): number[] {
    const letters = this.deadLetters()
    return this.sink
      .from('app')
      .missing(this.lines.written)
      .filter((n) => !letters.has(n))
  }

  #records(): number {
    return this.sink.from('otlp').missing(this.records.acknowledged).length
  }

  /** Numbers of the lines that were kept as dead letters. */
  deadLetters(): Set<number> {
    return deadLettersIn(this.dataDir, 'hook')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.records[Symbol.asyncDispose]()
    await this.sink[Symbol.asyncDispose]()
    this.directory[Symbol.dispose]()
  }
}

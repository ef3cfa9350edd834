/** The real process, as a service manager runs it: `node bin/affiant.js run -c …` in a directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithTest } from '../processes.ts'
import { until } from './until.ts'

const entry = join(import.meta.dirname, '../../bin/affiant.js')

/** What vitest adds for its own workers must not reach the process. */
function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_PATH: _path, ...env } = process.env
  return { ...env, NO_COLOR: '1', ...more }
}

/** A directory that goes with everything in it. */
export class WorkDirectory implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'affiant-e2e-'))

  at(...names: string[]): string {
    return join(this.path, ...names)
  }

  /** Writes a file, with the directories it needs; its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = this.at(name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, content)
    return path
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Runs as this user. */
  readonly uid?: number
  readonly gid?: number
  /** Bytes of standard input; it is closed behind them. */
  readonly input?: string | Uint8Array
}

/** `affiant` with any arguments. Killed when it is disposed of, if it still runs. */
export class AffiantProcess implements AsyncDisposable {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  readonly #parts: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] }

  constructor(args: readonly string[], { env, input, ...options }: ProcessOptions = {}) {
    this.child = spawn(process.execPath, [entry, ...args], {
      ...options,
      env: environment(env),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    endWithTest(this.child)
    this.child.stdout?.on('data', (part: Buffer) => this.#parts.stdout.push(part))
    this.child.stderr?.on('data', (part: Buffer) => this.#parts.stderr.push(part))
    // Who refuses its input early breaks the pipe.
    this.child.stdin?.on('error', () => {})
    this.child.stdin?.end(input)
    this.ended = once(this.child, 'close').then(() => ({
      code: this.child.exitCode,
      signal: this.child.signalCode,
    }))
  }

  get stdout(): string {
    return this.output.toString()
  }

  /** The bytes of standard output, however many they are. */
  get output(): Buffer {
    return Buffer.concat(this.#parts.stdout)
  }

  get stderr(): string {
    return Buffer.concat(this.#parts.stderr).toString()
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }

  /** Waits for the end and says all there is to say about it. */
  async result(): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
    return { ...(await this.ended), stdout: this.stdout, stderr: this.stderr }
  }

  /** Highest resident memory so far, in MiB (Linux). */
  get peakMemory(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) this.child.kill('SIGKILL')
    await this.ended
  }
}

/** `affiant run`. Its listeners are on port 0: where they are is in the banner. */
export class AgentProcess extends AffiantProcess {
  /** Resolves with the banner; rejects with all output when the process ends first. */
  async ready(): Promise<string> {
    await until(
      'the banner',
      () => {
        if (!this.running) throw new Error(`ended with ${this.child.exitCode}:\n${this.stdout}${this.stderr}`)
        return /^ {2}delivers .*$/m.test(`${this.stdout}\n${this.stderr}`)
      },
      () => this.stdout + this.stderr,
    )
    return this.stdout
  }

  /** `host:port` of health and metrics. */
  get telemetry(): string {
    return this.#address(/([\d.]+:\d+) health and metrics/)
  }

  /** `host:port` of OTLP over HTTP. */
  get otlp(): string {
    return this.#address(/([\d.]+:\d+) OTLP\/HTTP(?! \(audit)/)
  }

  /** `host:port` of OTLP over gRPC. */
  get otlpGrpc(): string {
    return this.#address(/([\d.]+:\d+) OTLP\/gRPC(?! \(audit)/)
  }

  /** `host:port` of the `otlp_audit` receiver over HTTP. */
  get audit(): string {
    return this.#address(/([\d.]+:\d+) OTLP\/HTTP \(audit signal\)/)
  }

  /** `host:port` of the `otlp_audit` receiver over gRPC. */
  get auditGrpc(): string {
    return this.#address(/([\d.]+:\d+) OTLP\/gRPC \(audit signal\)/)
  }

  /** `host:port` of the `http` receiver. */
  get http(): string {
    return this.#address(/([\d.]+:\d+) HTTP\b/)
  }

  /** `host:port` of the `kubernetes_audit` receiver. */
  get kubernetesAudit(): string {
    return this.#address(/([\d.]+:\d+) Kubernetes' audit webhook/)
  }

  /** `host:port` of the `splunk_hec` receiver. */
  get hec(): string {
    return this.#address(/([\d.]+:\d+) Splunk's HTTP Event Collector/)
  }

  #address(pattern: RegExp): string {
    const address = pattern.exec(`${this.stdout}${this.stderr}`)?.[1]
    if (address === undefined) throw new Error(`no ${pattern} in:\n${this.stdout}${this.stderr}`)
    return address
  }

  /** Log lines on standard error, as objects. */
  get log(): { readonly level: number; readonly msg: string; readonly [key: string]: unknown }[] {
    return this.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
  }

  async readiness(): Promise<{ readonly status: number; readonly body: string }> {
    const answer = await fetch(`http://${this.telemetry}/readyz`)
    return { status: answer.status, body: await answer.text() }
  }

  /** The value of a metric; labels as Prometheus writes them: `{route="noise"}`. */
  async metric(name: string, labels = ''): Promise<number | undefined> {
    const text = await (await fetch(`http://${this.telemetry}/metrics`)).text()
    const line = text.split('\n').find((each) => each.startsWith(`${name}${labels} `))
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')))
  }

  async postOtlp(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
    const answer = await fetch(`http://${this.otlp}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }
}

export interface Settings {
  readonly agent?: Record<string, unknown>
  readonly receivers?: Record<string, unknown>
  readonly sinks?: Record<string, unknown>
  readonly [section: string]: unknown
}

/** A file receiver on `*.log` of the directory, a file sink on `out.ndjson`, and whatever `settings` changes. */
export function configure(directory: WorkDirectory, settings: Settings = {}): string {
  const { agent, ...sections } = settings
  return directory.write(
    'affiant.yaml',
    JSON.stringify({
      agent: { id: 'e2e', data_dir: directory.at('data'), ...agent },
      receivers: { app: { type: 'file', include: [directory.at('*.log')], poll: '50ms' } },
      sinks: { out: { type: 'file', path: directory.at('out.ndjson') } },
      telemetry: { listen: '127.0.0.1:0' },
      ...sections,
    }),
  )
}

export function startAgent(config: string, args: readonly string[] = [], options: ProcessOptions = {}) {
  return new AgentProcess(['run', '-c', config, ...args], options)
}

/** The cheap sink as a process of its own, so that its CPU is not counted as the agent's. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

interface SinkReport {
  readonly requests: number
  readonly bytes: number
  readonly inflatedBytes: number
  readonly lines: number
  readonly measured: number
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
}

export interface SinkProcess extends AsyncDisposable {
  readonly url: string
  readonly port: number
  report(): Promise<SinkReport>
}

async function message<T>(child: ChildProcess): Promise<T> {
  const [value] = (await once(child, 'message')) as [T]
  return value
}

export interface SinkOptions {
  readonly cores?: string
  readonly latency?: boolean
  readonly plainTcp?: boolean
  /** In whose words it answers. */
  readonly answer?: 'http' | 'otlp' | 'splunk_hec' | 's3'
  /** Milliseconds before each answer. */
  readonly delay?: number
}

export async function startSink(options: SinkOptions = {}): Promise<SinkProcess> {
  const command = [process.execPath, 'bench/cheap-sink.ts']
  const [program, ...args] = options.cores ? ['taskset', '-c', options.cores, ...command] : command
  const child = spawn(program!, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      LATENCY: options.latency ? '1' : '0',
      PLAIN_TCP: options.plainTcp ? '1' : '0',
      ANSWER: options.answer ?? 'http',
      DELAY: String(options.delay ?? 0),
    },
  })
  const { port } = await message<{ port: number }>(child)
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    report: async () => {
      child.send('report')
      return message<SinkReport>(child)
    },
    [Symbol.asyncDispose]: async () => {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}

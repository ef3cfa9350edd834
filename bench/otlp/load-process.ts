/** The process that sends (load.ts), from outside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export type Protocol = 'http' | 'grpc'

export type LoadRequest =
  /** `count` bodies of `batch` records; they take the place of those before. */
  | { readonly do: 'encode'; readonly count: number; readonly batch: number }
  | {
      readonly do: 'send'
      readonly protocol: Protocol
      readonly port: number
      readonly connections: number
      /** The first body, and how many. */
      readonly from: number
      readonly count: number
      /** Milliseconds from one to the next; without it each connection sends as soon as it has its answer. */
      readonly every?: number
    }

export interface Sent {
  /** From the first request to the last answer. */
  readonly seconds: number
  /** Of the process that sends. */
  readonly cpuSeconds: number
  /** Milliseconds from when a request was due to its answer. */
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export type LoadReport = { readonly bytes: number } | { readonly sent: Sent } | { readonly error: string }

export interface Load extends AsyncDisposable {
  /** Resolves with the bytes of all bodies. */
  encode(count: number, batch: number): Promise<number>
  send(request: Omit<Extract<LoadRequest, { do: 'send' }>, 'do'>): Promise<Sent>
}

export function startLoad(cores: string): Load {
  const child = spawn('taskset', ['-c', cores, process.execPath, 'bench/otlp/load.ts'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    async encode(count, batch) {
      const report = await ask(child, { do: 'encode', count, batch })
      return 'bytes' in report ? report.bytes : 0
    },
    async send(request) {
      const report = await ask(child, { do: 'send', ...request })
      if (!('sent' in report)) throw new Error('the process that sends told of something else')
      return report.sent
    },
    [Symbol.asyncDispose]: async () => {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}

async function ask(child: ChildProcess, request: LoadRequest): Promise<LoadReport> {
  const left = new AbortController()
  const gone = once(child, 'exit', { signal: left.signal }).then(() => {
    throw new Error('the process that sends has ended')
  })
  const told = once(child, 'message', { signal: left.signal })
  child.send(request)
  try {
    const [report] = (await Promise.race([told, gone])) as [LoadReport]
    if ('error' in report) throw new Error(report.error)
    return report
  } finally {
    left.abort()
    await Promise.allSettled([gone, told])
  }
}

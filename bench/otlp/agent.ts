/** The agent as a user would run it: receiver, journal, a sink that costs next to nothing; nothing is switched off. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/free-port.ts'
import { poll } from '../poll.ts'
import { startSink } from '../sink-process.ts'
import { end, type Target, usageOf } from './target.ts'

export interface AgentOptions {
  readonly cores: string
  readonly sinkCores: string
}

/** Its data directory is below `scratch`, until it ends. */
export async function startAgent(scratch: string, options: AgentOptions): Promise<Target> {
  const { cores, sinkCores } = options
  const directory = mkdtempSync(join(scratch, 'run-'))
  const sink = await startSink({ cores: sinkCores })
  const [http, grpc, telemetry] = [await freePort(), await freePort(), await freePort()]
  const config = join(directory, 'affiant.yaml')
  writeFileSync(
    config,
    JSON.stringify({
      agent: { id: 'bench', data_dir: join(directory, 'data') },
      receivers: {
        app: {
          type: 'otlp',
          http: { listen: `127.0.0.1:${http}` },
          grpc: { listen: `127.0.0.1:${grpc}` },
        },
      },
      sinks: { hook: { type: 'http', url: sink.url, format: 'ndjson', compression: 'none' } },
      telemetry: { listen: `127.0.0.1:${telemetry}`, log: { level: 'warn' } },
    }),
  )
  const child = spawn('taskset', ['-c', cores, process.execPath, 'bin/affiant.js', 'run', '-c', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const clean = async () => {
    await end(child)
    await sink[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    await poll('the agent to be ready', async () => {
      if (child.exitCode !== null) throw new Error(`the agent exited with ${child.exitCode}`)
      const answer = await fetch(`http://127.0.0.1:${telemetry}/readyz`).catch(() => undefined)
      return answer?.ok ? true : undefined
    })
  } catch (thrown) {
    await clean()
    throw thrown
  }
  return {
    ports: { http, grpc },
    usage: () => usageOf(child),
    settled: async (records) => {
      await poll('everything to arrive', async () =>
        (await sink.report()).lines >= records ? true : undefined,
      )
    },
    [Symbol.asyncDispose]: clean,
  }
}

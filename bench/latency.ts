/** A trickle: 1,000 lines a second, and how long each takes from the append to the sink. And start-up to ready. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../test/free-port.ts'
import { writeAgentConfig } from './agent-config.ts'
import { poll } from './poll.ts'
import { measure } from './process.ts'
import { startSink } from './sink-process.ts'

export interface Latency {
  readonly readyMilliseconds: number
  readonly lines: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const linesPerTick = 10
const tickMilliseconds = 10

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

export async function latency(scratch: string, milliseconds: number): Promise<Latency> {
  const directory = mkdtempSync(join(scratch, 'trickle-'))
  const input = join(directory, 'app.log')
  writeFileSync(input, '')
  const telemetryPort = await freePort()
  await using sink = await startSink({ latency: true })
  const config = writeAgentConfig({
    directory,
    input,
    url: sink.url,
    compression: 'none',
    workers: 0,
    telemetryPort,
  })
  const started = performance.now()
  const { child, usage } = measure([process.execPath, 'bin/affiant.js', 'run', '-c', config])
  try {
    const readyMilliseconds = await poll('the agent to be ready', async () => {
      const answer = await fetch(`http://127.0.0.1:${telemetryPort}/readyz`).catch(() => undefined)
      return answer?.ok ? performance.now() - started : undefined
    })
    let lines = 0
    const begin = performance.now()
    while (performance.now() - begin < milliseconds) {
      let part = ''
      for (let k = 0; k < linesPerTick; k++) {
        part += `${JSON.stringify({
          ts: new Date().toISOString(),
          user: `u_${lines}`,
          event: 'invoice.read',
          invoice: `inv_${lines}`,
          result: 'success',
          written_ms: String(Date.now()),
          note: 'x'.repeat(350),
        })}\n`
        lines++
      }
      appendFileSync(input, part)
      await wait(Math.max(0, begin + (lines / linesPerTick) * tickMilliseconds - performance.now()))
    }
    const report = await poll('the last line to arrive', async () => {
      const now = await sink.report()
      return now.measured >= lines ? now : undefined
    })
    return { readyMilliseconds, lines, p50: report.p50 ?? 0, p99: report.p99 ?? 0, max: report.max ?? 0 }
  } finally {
    child.kill('SIGTERM')
    await usage
    rmSync(directory, { recursive: true, force: true })
  }
}

/**
 * One sink of the real agent, in front of a real server, through a proxy that misbehaves, over restarts: afterwards the
 * destination has what the journal has, by id and by byte.
 */
import { appendFileSync } from 'node:fs'
import { AffiantProcess, AgentProcess, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { randomFrom } from '../seed.ts'
import { FaultProxy } from './fault-proxy.ts'
import { misbehave } from './random-faults.ts'

interface Destination {
  /** Where it listens on loopback; may change when it is started anew. */
  readonly port: () => number
  /** `sinks.under_test` for a server at this port (the proxy's), YAML. */
  readonly sink: (port: number) => string
  /** Every event line that it holds, duplicates included. */
  readonly lines: () => Promise<readonly string[]>
  /** Stops the server and starts it again; absent where it cannot. */
  readonly restart?: () => Promise<void>
}

export interface TrialResult {
  readonly events: number
  readonly duplicates: number
  /** How often lines came in a row that were there already: at most as often as a batch came again. */
  readonly repeats: number
  readonly missing: number
  /** Lines at the destination that the journal does not have so. */
  readonly foreign: number
  readonly lostAnswers: number
  readonly agentRestarts: number
  readonly faults: Readonly<Record<string, number>>
}

export interface TrialOptions {
  readonly destination: Destination
  readonly milliseconds: number
  readonly restarts: number
  readonly seed: number
  readonly env?: NodeJS.ProcessEnv
}

export async function faultyTrial({
  destination,
  milliseconds,
  restarts,
  seed,
  env,
}: TrialOptions): Promise<TrialResult> {
  using work = new WorkDirectory()
  const random = randomFrom(seed)
  await using proxy = await FaultProxy.open(destination.port)
  const input = work.write('app.jsonl', '')
  const config = work.write(
    'affiant.yaml',
    `agent: { id: trial, data_dir: ${work.at('data')}, drain: 1s }
receivers: { app: { type: file, include: [${input}], preset: json } }
sinks:
  under_test:
${destination
  .sink(proxy.port)
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
telemetry: { listen: 127.0.0.1:0 }
`,
  )
  // Long trials would otherwise end with more than a process can hold at once.
  const burst = milliseconds > 60_000 ? 20 : 50
  let written = 0
  const write = (count: number) => {
    let text = ''
    for (let n = written; n < written + count; n++) {
      text += `${JSON.stringify({ ts: new Date().toISOString(), user: `u_${n % 97}`, action: 'order.read', n, note: 'ü'.repeat(n % 50) })}\n`
    }
    appendFileSync(input, text)
    written += count
  }

  const faults: Record<string, number> = {}
  let ends = 0
  for (let run = 0; run <= restarts; run++) {
    await using agent = new AgentProcess(['run', '-c', config], { ...(env && { env }) })
    const writing = setInterval(() => write(burst), 20)
    const { counts } = await misbehave(proxy, milliseconds / (restarts + 1), random)
    clearInterval(writing)
    for (const [kind, count] of Object.entries(counts)) faults[kind] = (faults[kind] ?? 0) + count
    if (run < restarts) {
      // Now killed, now stopped: in the middle of whatever it does.
      await proxy.become({ kind: random() < 0.5 ? 'swallow_answer' : 'none' })
      agent.child.kill(run % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
      await agent.ended
      ends++
      if (random() < 0.5) await destination.restart?.()
      continue
    }
    await agent.ready()
    let lag: number | undefined
    await until(
      'everything is delivered once the destination is well',
      async () => {
        lag = await lagOf(agent)
        return lag === 0
      },
      () => ({ lag, stderr: agent.stderr.slice(-2000) }),
      120,
    )
    agent.child.kill('SIGTERM')
    await agent.ended
  }

  // What the last run recorded of its own end is not delivered any more.
  await using rest = new AffiantProcess(['run', '--once', '-c', config], { ...(env && { env }) })
  await rest.ended
  await using exported = new AffiantProcess(['journal', 'export', '-c', config], { ...(env && { env }) })
  await exported.ended
  const journal = new Map<string, string>()
  for (const line of linesIn(exported.output)) journal.set(idOf(line), line)
  const lines = await destination.lines()
  const seen = new Map<string, number>()
  let foreign = 0
  let repeats = 0
  let wasThere = false
  for (const line of lines) {
    const id = idOf(line)
    if (journal.get(id) !== line) foreign++
    const isThere = seen.has(id)
    if (isThere && !wasThere) repeats++
    wasThere = isThere
    seen.set(id, (seen.get(id) ?? 0) + 1)
  }
  // The end of `run --once` itself is told after its sinks have closed.
  const missing = [...journal].filter(
    ([id, line]) => !seen.has(id) && !line.includes('"affiant.agent.stopped"'),
  )
  return {
    events: journal.size,
    duplicates: lines.length - seen.size,
    repeats,
    missing: missing.length,
    foreign,
    lostAnswers: proxy.lostAnswers,
    agentRestarts: ends,
    faults,
  }
}

async function lagOf({ telemetry }: AgentProcess): Promise<number | undefined> {
  const answer = await fetch(`http://${telemetry}/metrics`)
  const lag = /^affiant_sink_lag_events\{sink="under_test"\} (\d+)$/m.exec(await answer.text())?.[1]
  return lag === undefined ? undefined : Number(lag)
}

/** One text of all of them would be longer than a string can be. */
function* linesIn(bytes: Buffer): Generator<string> {
  for (let at = 0, end = bytes.indexOf(10); end !== -1; at = end + 1, end = bytes.indexOf(10, at)) {
    yield bytes.toString('utf8', at, end)
  }
}

const idOf = (line: string): string => (JSON.parse(line) as { id: string }).id
